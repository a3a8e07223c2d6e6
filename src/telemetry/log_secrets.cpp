// Looks for each secret as it is written. Calls nothing.
#include "telemetry/log_secrets.hpp"

namespace productd::log {

namespace {

constexpr std::string_view mask = "****";

void hide_one(std::string& text, std::string_view secret) {
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + mask.size())) {
        text.replace(at, secret.size(), mask);
    }
}

/// A password may have a / or an @ of its own: all up to the last @ of the word belongs to it.
void hide_in_uris(std::string& text) {
    for (auto scheme = text.find("://"); scheme != std::string::npos; scheme = text.find("://", scheme + 3)) {
        const auto user = scheme + 3;
        const auto end = std::min(text.find_first_of(" \t\n\"'", user), text.size());
        const auto at = text.rfind('@', end);
        const auto colon = text.find(':', user);
        if (at == std::string::npos || at < user || colon >= at) continue;
        text.replace(colon + 1, at - colon - 1, mask);
    }
}

}  // namespace

std::string without_secrets(std::string_view text, const std::vector<std::string>& secrets) {
    std::string shown(text);
    for (const auto& secret : secrets) {
        if (secret.size() >= secret_bytes_min) hide_one(shown, secret);
    }
    hide_in_uris(shown);
    return shown;
}

}  // namespace productd::log
