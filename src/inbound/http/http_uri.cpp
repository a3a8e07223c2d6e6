// The grammar of RFC 3986, as far as a server has to know it. Calls nobody but the C library.
#include "inbound/http/http_uri.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace productd {

namespace {

constexpr std::string_view marks_of_unreserved = "-._~";
constexpr std::string_view sub_delimiters = "!$&'()*+,;=";

bool is_decimal(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hexadecimal(char c) { return is_decimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Whether all of `text` is unreserved, a delimiter, an escape or one of `more`.
bool is_made_of(std::string_view text, std::string_view more) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (is_letter(c) || is_decimal(c)) continue;
        if (marks_of_unreserved.contains(c) || sub_delimiters.contains(c) || more.contains(c)) continue;
        if (c != '%' || at + 2 >= text.size() || !is_hexadecimal(text[at + 1]) || !is_hexadecimal(text[at + 2]))
            return false;
        at += 2;
    }
    return true;
}

/// What stands in brackets: an address of IPv6, or of a version to come.
bool is_literal_address(std::string_view text) {
    if (text.starts_with('v') || text.starts_with('V')) {
        const auto dot = text.find('.');
        if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size()) return false;
        return std::ranges::all_of(text.substr(1, dot - 1), is_hexadecimal) && !text.contains('%') &&
               is_made_of(text.substr(dot + 1), ":");
    }
    in6_addr ignored{};
    return !text.contains('\0') && inet_pton(AF_INET6, std::string(text).c_str(), &ignored) == 1;
}

}  // namespace

bool is_authority(std::string_view text) {
    std::string_view port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos || !is_literal_address(text.substr(1, end - 1))) return false;
        port = text.substr(end + 1);
    } else {
        const auto host = text.substr(0, text.find(':'));
        if (host.empty() || !is_made_of(host, {})) return false;
        port = text.substr(host.size());
    }
    return port.empty() || (port.front() == ':' && std::ranges::all_of(port.substr(1), is_decimal));
}

bool is_uri_path(std::string_view path) { return is_made_of(path, ":@/"); }

}  // namespace productd
