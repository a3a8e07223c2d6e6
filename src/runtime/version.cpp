// The version the build was told.
#include "runtime/version.hpp"

namespace productd {

std::string_view version_text() { return PRODUCTD_VERSION; }

}  // namespace productd
