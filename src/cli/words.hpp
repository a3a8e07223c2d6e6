// How commands say a number, and what they say of one that is not allowed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace productd {

/// `1 message`, `2 messages`.
std::string counted(std::uint64_t number, std::string_view one);

/// Checks of a flag for CLI11: empty for a number that is allowed, else what to say of it.
using NumberCheck = std::function<std::string(const std::string&)>;

/// A whole number of at least `min`, and at most `max` where there is one.
NumberCheck whole_number(std::int64_t min, std::optional<std::int64_t> max = std::nullopt);
/// Any number from `min` to `max`.
NumberCheck real_number(double min, double max);

}  // namespace productd
