// Asks the table of keys which are secret. Calls nothing else.
#include "runtime/config/config_secrets.hpp"

#include <charconv>

#include "runtime/config/config_table.hpp"

namespace productd {

namespace {

/// Of `scheme://user:password@host`; all up to the last @ belongs to it.
std::string password_of(std::string_view uri) {
    const auto scheme = uri.find("://");
    const auto user = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto at = uri.rfind('@');
    const auto colon = uri.find(':', user);
    if (at == std::string_view::npos || colon >= at) return {};
    return std::string(uri.substr(colon + 1, at - colon - 1));
}

std::string without_escapes(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        const auto* digits = text.data() + i + 1;
        const bool is_escape =
            text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
        plain += is_escape ? static_cast<char>(byte) : text[i];
        if (is_escape) i += 2;
    }
    return plain;
}

/// Of `key=value,key=value`, as a collector's headers are.
void add_values(std::vector<std::string>& secrets, std::string_view list) {
    while (!list.empty()) {
        const auto entry = list.substr(0, list.find(','));
        if (const auto equals = entry.find('='); equals != entry.npos) secrets.emplace_back(entry.substr(equals + 1));
        list.remove_prefix(std::min(entry.size() + 1, list.size()));
    }
}

}  // namespace

std::vector<std::string> secrets_of(const Config& config) {
    auto copy = config;
    std::vector<std::string> secrets;
    for (const auto& key : config_keys()) {
        if (key.secret == Secret::no || key.type != ConfigType::text) continue;
        const auto& value = *std::get<std::string*>(key.slot(copy));
        const auto secret = key.secret == Secret::in_uri ? password_of(value) : value;
        if (secret.empty()) continue;
        secrets.push_back(secret);
        if (key.secret == Secret::in_uri) secrets.push_back(without_escapes(secret));
        if (key.secret == Secret::yes) add_values(secrets, secret);
    }
    return secrets;
}

}  // namespace productd
