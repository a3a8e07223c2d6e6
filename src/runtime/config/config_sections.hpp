// What is known of the file beside its keys.
#pragma once

#include <span>
#include <string_view>

namespace productd {

/// What a section is for, one sentence without its full stop.
std::string_view section_about(std::string_view section);

/// Members of the older service's file that have no meaning here: `Http.PprofPort`; a whole section as `Jaeger.*`.
std::span<const std::string_view> older_members();

}  // namespace productd
