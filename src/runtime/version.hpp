// Which version of the program this is.
#pragma once

#include <string_view>

namespace productd {

/// `0.1.0`, from CMakeLists.txt.
std::string_view version_text();

}  // namespace productd
