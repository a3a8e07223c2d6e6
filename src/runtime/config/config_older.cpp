// Calls nothing.
#include "runtime/config/config_older.hpp"

#include "runtime/config/config_table.hpp"

namespace productd {

std::optional<Setting> newer_setting(const Setting& older) {
    if (folded_name(older.section) != "jaeger" || older.value.is_list || older.value.is_map) return std::nullopt;
    auto newer = older;
    newer.section = "Tracing";
    const auto name = folded_name(older.name);
    auto& value = newer.value.items.front();
    if (name == "servicename") {
        newer.name = "ServiceName";
    } else if (name == "host") {
        newer.name = "Endpoint";
        value = value.substr(0, value.rfind(':')) + ":4317";
    } else {
        return std::nullopt;
    }
    return newer;
}

}  // namespace productd
