// What libraries say, without what nobody may read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace productd::log {

/// A shorter secret is not looked for: its letters stand in every other word.
inline constexpr std::size_t secret_bytes_min = 4;

/// `text` with `****` for each of `secrets`, and for what stands between `://user:` and `@`.
std::string without_secrets(std::string_view text, const std::vector<std::string>& secrets);

}  // namespace productd::log
