// Looks for what may be a password. Calls the table of keys, for how names compare.
#include "runtime/config/masked_uri.hpp"

#include "runtime/config/config_table.hpp"

namespace productd {

std::string masked_uri(std::string_view uri) {
    std::string shown(uri);
    const auto scheme = shown.find("://");
    const auto user = scheme == std::string::npos ? 0 : scheme + 3;
    // A password may hold unescaped `/` and `@`: everything up to the last `@` belongs to it.
    const auto end = shown.rfind('@');
    if (end != std::string::npos && end > user) {
        const auto colon = shown.find(':', user);
        if (colon < end) shown.replace(colon + 1, end - colon - 1, "****");
    }
    for (auto at = shown.find('?'); at != std::string::npos; at = shown.find('&', at + 1)) {
        const auto equals = shown.find('=', at);
        if (equals == std::string::npos) break;
        const auto option = folded_name(std::string_view(shown).substr(at + 1, equals - at - 1));
        if (option.find("password") == option.npos && option.find("authmechanismproperties") == option.npos) continue;
        const auto stop = shown.find('&', equals);
        shown.replace(equals + 1, (stop == std::string::npos ? shown.size() : stop) - equals - 1, "****");
    }
    return shown;
}

}  // namespace productd
