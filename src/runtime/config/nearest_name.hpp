// The known name somebody may have meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace productd {

/// The name of `known` with the fewest letters to change, unless more than a third of them would. Case, underscores
/// and hyphens do not count.
std::optional<std::string> nearest_name(std::string_view given, const std::vector<std::string>& known);

}  // namespace productd
