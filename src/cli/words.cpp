// CLI11's own checks print the range of a double with all its 309 digits. Calls nothing.
#include "cli/words.hpp"

#include <fmt/format.h>

#include <charconv>

#include "domain/integer.hpp"

namespace productd {

namespace {

std::string is_not(std::string_view given, std::string_view what) {
    return fmt::format("{} is not {}", given.empty() ? "an empty text" : given.substr(0, 40), what);
}

}  // namespace

std::string counted(std::uint64_t number, std::string_view one) {
    return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

NumberCheck whole_number(std::int64_t min, std::optional<std::int64_t> max) {
    return [=](const std::string& given) {
        const auto number = parse_integer(given);
        if (number && *number >= min && (!max || *number <= *max)) return std::string();
        return is_not(given, "a whole number from " + (max ? fmt::format("{} to {}", min, *max) : std::to_string(min)));
    };
}

NumberCheck real_number(double min, double max) {
    return [=](const std::string& given) {
        double number = 0;
        const auto* end = given.data() + given.size();
        const auto read = std::from_chars(given.data(), end, number);
        const bool is_number = read.ec == std::errc{} && read.ptr == end;
        if (is_number && number >= min && number <= max) return std::string();  // Not so for what is no number at all.
        return is_not(given, fmt::format("a number from {} to {}", min, max));
    };
}

}  // namespace productd
