// Calls the parser of addresses.
#include "runtime/config/config_older.hpp"

#include "runtime/config/config_table.hpp"
#include "runtime/config/host_and_port.hpp"

namespace productd {

std::optional<Setting> newer_setting(const Setting& older) {
    if (folded_name(older.section) != "jaeger" || older.value.is_list || older.value.is_map) return std::nullopt;
    auto newer = older;
    newer.section = "Tracing";
    const auto name = folded_name(older.name);
    auto& value = newer.value.items.front();
    if (value.empty()) return std::nullopt;
    if (name == "servicename") {
        newer.name = "ServiceName";
    } else if (name == "host") {
        const auto found = host_and_port(value);
        if (!found && value.find_first_of(":/") != std::string::npos) return std::nullopt;
        const auto host = found ? found->host : value;
        newer.name = "Endpoint";
        value = (host.find(':') == std::string::npos ? host : '[' + host + ']') + ":4317";
    } else {
        return std::nullopt;
    }
    return newer;
}

}  // namespace productd
