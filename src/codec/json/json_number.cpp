// Grammar first, then exactness. Calls nobody.
#include "codec/json/json_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace productd::json {

namespace {

/// So many significant digits every double of normal size keeps, and beyond so many none has any.
constexpr std::size_t digits_always_kept = std::numeric_limits<double>::digits10;
constexpr std::size_t digits_ever_kept = 767;

constexpr std::int64_t beyond_any = std::int64_t{1} << 60;  ///< Of exponents.

constexpr NumberFault is_too_large{"range", "is too large"};
constexpr NumberFault is_too_small{"range", "is too small"};
constexpr NumberFault is_too_near_0{"range", "is too close to 0"};
constexpr NumberFault is_rounded{"range", "has more digits than are kept exactly"};

constexpr NumberFault beyond_range(std::string_view number) {
    return number.starts_with('-') ? is_too_small : is_too_large;
}

/// Drops the digits `text` begins with; false when there is none.
bool take_digits(std::string_view& text) {
    const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0;
}

/// Drops one character if it is one of `any`.
bool take(std::string_view& text, std::string_view any) {
    const bool is_there = !text.empty() && any.contains(text.front());
    if (is_there) text.remove_prefix(1);
    return is_there;
}

/// A number as d.ddd × 10^exponent, without zeros at its ends.
struct Decimal {
    std::string digits;
    std::int64_t exponent = 0;
    bool operator==(const Decimal&) const = default;
};

/// A sent or printed number, taken apart.
class Parts {
public:
    explicit Parts(std::string_view number) {
        const auto end = std::min(number.find_first_of("eE"), number.size());
        mantissa_ = number.substr(0, end);
        exponent_ = number.substr(std::min(end + 1, number.size()));
        first_ = mantissa_.find_first_of("123456789");
        last_ = mantissa_.find_last_of("123456789");
        point_ = std::min(mantissa_.find('.'), mantissa_.size());
    }

    bool is_zero() const { return first_ == std::string_view::npos; }
    std::size_t significant() const {
        const bool has_point = first_ < point_ && point_ < last_;
        return last_ - first_ + 1 - (has_point ? 1 : 0);
    }
    Decimal decimal() const {
        Decimal decimal{std::string(mantissa_.substr(first_, last_ - first_ + 1))};
        std::erase(decimal.digits, '.');
        auto exponent = exponent_;
        take(exponent, "+");
        const auto read = std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.exponent);
        if (read.ec == std::errc::result_out_of_range)
            decimal.exponent = exponent.starts_with('-') ? -beyond_any : beyond_any;
        const auto distance = static_cast<std::int64_t>(point_) - static_cast<std::int64_t>(first_);
        decimal.exponent += distance > 0 ? distance - 1 : distance;
        return decimal;
    }

private:
    std::string_view mantissa_, exponent_;
    std::size_t first_, last_, point_;
};

Decimal printed(double value, std::size_t digits) {
    std::array<char, digits_ever_kept + 16> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                   std::chars_format::scientific, static_cast<int>(digits) - 1);
    return Parts({buffer.data(), end.ptr}).decimal();
}

}  // namespace

bool is_number(std::string_view text) {
    take(text, "-");
    if (!take(text, "0") && !take_digits(text)) return false;
    if (take(text, ".") && !take_digits(text)) return false;
    if (take(text, "eE")) {
        take(text, "+-");
        if (!take_digits(text)) return false;
    }
    return text.empty();
}

std::expected<double, NumberFault> exact_double(std::string_view number) {
    const Parts sent(number);
    if (sent.is_zero()) return 0;
    double value = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
    if (read.ec != std::errc{} || value == 0 || !std::isfinite(value)) {
        return std::unexpected(sent.decimal().exponent < 0 ? is_too_near_0 : beyond_range(number));
    }
    const auto digits = sent.significant();
    const bool is_normal = std::abs(value) >= std::numeric_limits<double>::min();
    if (digits <= digits_always_kept && is_normal) return value;
    if (digits > digits_ever_kept || printed(value, digits) != sent.decimal()) return std::unexpected(is_rounded);
    return value;
}

std::expected<std::int64_t, NumberFault> exact_integer(std::string_view number) {
    const auto whole = number.substr(0, number.find('.'));
    const auto fraction = number.substr(whole.size()).substr(whole.size() < number.size() ? 1 : 0);
    std::int64_t value = 0;
    const auto read = std::from_chars(whole.data(), whole.data() + whole.size(), value);
    const bool is_integer = read.ptr == whole.data() + whole.size() && fraction.find_first_not_of('0') == fraction.npos;
    if (!is_integer) {
        return std::unexpected(NumberFault{"type", "must be an integer, without fraction or exponent"});
    }
    if (read.ec != std::errc{}) return std::unexpected(beyond_range(whole));
    return value;
}

}  // namespace productd::json
