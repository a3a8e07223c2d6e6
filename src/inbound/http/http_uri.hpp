// What of a URL may stand in a request line and in Host.
#pragma once

#include <string_view>

namespace productd {

/// Whether `text` is a host, and perhaps a port behind a colon (RFC 9110 7.2, RFC 3986 3.2): no user, nothing empty.
bool is_authority(std::string_view text);
/// Whether `path` is made of what RFC 3986 3.3 lets a path have, escapes of two digits included.
bool is_uri_path(std::string_view path);

}  // namespace productd
