// A URI as it may be shown.
#pragma once

#include <string>
#include <string_view>

namespace productd {

/// `uri` without the password in it.
std::string masked_uri(std::string_view uri);

}  // namespace productd
