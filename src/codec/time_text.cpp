// Reads by comparing with the form digit by digit.
#include "codec/time_text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace productd {

namespace {

constexpr std::string_view form = "0000-00-00T00:00:00.000";
constexpr std::size_t to_seconds = form.find('.');

/// The older service leaves out zeros at the end of the decimals (Go's RFC3339Nano): they are put back, and what is
/// finer than a millisecond is cut off. False when the decimals are none.
bool to_milliseconds(std::string& text) {
    if (text.size() <= to_seconds) return true;
    const auto decimals = std::string_view(text).substr(to_seconds + 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (decimals.empty() || decimals.size() > 9 || !std::ranges::all_of(decimals, is_digit)) return false;
    text.resize(form.size(), '0');
    return true;
}

void append_digits(std::string& out, unsigned value, int width) {
    std::array<char, 8> digits{};
    for (int i = width; i-- > 0; value /= 10) digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    out.append(digits.data(), static_cast<std::size_t>(width));
}

}  // namespace

void append_time_text(std::string& out, Timestamp time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    const auto digits = [&](auto value, int width) { append_digits(out, static_cast<unsigned>(value), width); };
    digits(static_cast<int>(date.year()), 4);
    out += '-';
    digits(static_cast<unsigned>(date.month()), 2);
    out += '-';
    digits(static_cast<unsigned>(date.day()), 2);
    out += 'T';
    digits(clock.hours().count(), 2);
    out += ':';
    digits(clock.minutes().count(), 2);
    out += ':';
    digits(clock.seconds().count(), 2);
    out += '.';
    digits(clock.subseconds().count(), 3);
    out += 'Z';
}

std::optional<Timestamp> parse_time(std::string_view given) {
    if (!given.empty() && given.back() == 'Z') given.remove_suffix(1);
    std::string text(given);
    if (!to_milliseconds(text)) return std::nullopt;
    if (text.size() != 10 && text.size() != 16 && text.size() != to_seconds && text.size() != form.size()) {
        return std::nullopt;
    }
    std::array<int, 7> parts{};
    std::size_t part = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !is_digit : text[i] != form[i]) return std::nullopt;
        if (is_digit) {
            parts[part] = parts[part] * 10 + (text[i] - '0');
        } else {
            ++part;
        }
    }
    using namespace std::chrono;
    const year_month_day date{year(parts[0]), month(static_cast<unsigned>(parts[1])),
                              day(static_cast<unsigned>(parts[2]))};
    if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 59) return std::nullopt;
    return Timestamp(sys_days(date)) + hours(parts[3]) + minutes(parts[4]) + seconds(parts[5]) + milliseconds(parts[6]);
}

}  // namespace productd
