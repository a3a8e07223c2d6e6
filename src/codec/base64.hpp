// Base64 (RFC 4648, section 4) by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace productd {

std::string base64(std::string_view bytes);

}  // namespace productd
