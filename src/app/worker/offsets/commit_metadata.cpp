// Two forms of the same set: ranges, and bits. Calls sha256.
#include "app/worker/offsets/commit_metadata.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "codec/sha256.hpp"

namespace productd {

namespace {

using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::int64_t bits_a_character = 6;
constexpr char ranges_form = '3';
constexpr char bits_form = '4';
constexpr std::size_t checksum_bytes = 8;
/// What is written: it leaves room for what a log adds about the store that the commit rests on. What a service wrote
/// that filled all of metadata_bytes_max is read as well.
constexpr std::size_t written_bytes_max = metadata_bytes_max - 48;
constexpr std::size_t front_bytes = 2 + checksum_bytes + 1;  ///< Form, checksum and their separators.
constexpr std::size_t head_bytes_max = front_bytes + 21;     ///< And time, with its separator.
constexpr std::int64_t bits_max = static_cast<std::int64_t>(written_bytes_max - head_bytes_max) * bits_a_character;
/// Offsets beyond this are nobody's; it keeps sums from overflowing.
constexpr std::int64_t offset_max = std::int64_t{1} << 62;

/// Takes a decimal number off the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

std::string head(Timestamp read_up_to) { return std::to_string(read_up_to.time_since_epoch().count()) + ';'; }

/// Covers all there is but itself: one digit that is another would else pass over messages that nobody finished.
std::string checksum(std::int64_t commit, char form, std::string_view told) {
    auto text = std::to_string(commit) + ';' + form + ';';
    text += told;
    return hex(sha256(text)).substr(0, checksum_bytes);
}

std::string sealed(std::int64_t commit, char form, const std::string& told) {
    return std::string(1, form) + ';' + checksum(commit, form, told) + ';' + told;
}

/// The ranges as far as they fit; `whole` says whether all did.
std::string encode_ranges(std::int64_t commit, const FinishedAbove& finished, bool& whole) {
    auto text = head(finished.read_up_to);
    auto last = commit;
    for (const auto& [begin, end] : finished.ranges) {
        const auto range =
            (last == commit ? "" : ",") + std::to_string(begin - last) + '+' + std::to_string(end - begin);
        if (front_bytes + text.size() + range.size() > written_bytes_max) {
            whole = false;
            return text;
        }
        text += range;
        last = end;
    }
    whole = true;
    return text;
}

/// All ranges; they lie within bits_max of the commit.
std::string encode_bits(std::int64_t commit, const FinishedAbove& finished) {
    const auto window = finished.ranges.empty() ? 0 : finished.ranges.back().second - commit;
    std::vector<std::uint8_t> values(static_cast<std::size_t>((window + bits_a_character - 1) / bits_a_character));
    for (const auto& [begin, end] : finished.ranges) {
        for (auto bit = begin - commit; bit < end - commit; ++bit) {
            auto& value = values[static_cast<std::size_t>(bit / bits_a_character)];
            value = static_cast<std::uint8_t>(value | (1U << (bit % bits_a_character)));
        }
    }
    auto text = head(finished.read_up_to);
    for (const auto value : values) text += alphabet[value];
    return text;
}

std::optional<Ranges> decode_ranges(std::int64_t commit, std::string_view text) {
    Ranges ranges;
    auto last = commit;
    while (!text.empty()) {
        if (last != commit && !take(text, ',')) return std::nullopt;
        const auto gap = take_number(text);
        if (!gap || !take(text, '+')) return std::nullopt;
        const auto length = take_number(text);
        if (!length || *gap < 1 || *length < 1 || *gap > offset_max - last) return std::nullopt;
        if (*length > offset_max - last - *gap) return std::nullopt;
        ranges.emplace_back(last + *gap, last + *gap + *length);
        last = ranges.back().second;
    }
    return ranges;
}

std::optional<Ranges> decode_bits(std::int64_t commit, std::string_view text) {
    Ranges ranges;
    auto offset = commit;
    for (const char character : text) {
        const auto value = alphabet.find(character);
        if (value == alphabet.npos) return std::nullopt;
        for (std::int64_t bit = 0; bit < bits_a_character; ++bit, ++offset) {
            if ((value >> bit & 1) == 0) continue;
            if (offset == commit) return std::nullopt;  // What is at the commit is not finished.
            if (!ranges.empty() && ranges.back().second == offset) {
                ++ranges.back().second;
            } else {
                ranges.emplace_back(offset, offset + 1);
            }
        }
    }
    return ranges;
}

}  // namespace

std::string encode_metadata(std::int64_t commit, const FinishedAbove& finished) {
    bool whole = false;
    const auto ranges = encode_ranges(commit, finished, whole);
    const auto window = finished.ranges.empty() ? 0 : finished.ranges.back().second - commit;
    if (window > bits_max) return sealed(commit, ranges_form, ranges);
    const auto bits_bytes = static_cast<std::size_t>(window / bits_a_character);
    if (whole && ranges.size() <= bits_bytes) return sealed(commit, ranges_form, ranges);
    const auto bits = encode_bits(commit, finished);
    const bool ranges_are_shorter = whole && ranges.size() <= bits.size();
    return ranges_are_shorter ? sealed(commit, ranges_form, ranges) : sealed(commit, bits_form, bits);
}

std::optional<FinishedAbove> decode_metadata(std::int64_t commit, std::string_view text, const MetadataBounds& bounds) {
    if (text.size() < front_bytes || text.size() > metadata_bytes_max) return std::nullopt;
    if (commit < 0 || commit > offset_max) return std::nullopt;
    const char form = text.front();
    const auto told = text.substr(front_bytes);
    if (text != sealed(commit, form, std::string(told))) return std::nullopt;

    text = told;
    const auto time = take_number(text);
    if (!time || !take(text, ';')) return std::nullopt;
    const Timestamp read_up_to{std::chrono::milliseconds{*time}};
    std::optional<Ranges> ranges;
    if (form == ranges_form) ranges = decode_ranges(commit, text);
    if (form == bits_form) ranges = decode_bits(commit, text);
    if (!ranges || read_up_to > bounds.read_up_to_max) return std::nullopt;
    if (!ranges->empty() && ranges->back().second > bounds.end) return std::nullopt;
    return FinishedAbove{read_up_to, std::move(*ranges)};
}

/// As bits whatever is finished fits into a window of bits_max. As ranges there are at most as many as unfinished
/// messages; their 2n numbers add up to at most the window, so that together they have the most digits when all are
/// alike: 2n (log10(window / 2n) + 1), and as many separators.
bool metadata_fits(std::int64_t window, std::size_t unfinished) {
    if (window <= bits_max) return true;
    const auto numbers = 2.0 * static_cast<double>(unfinished + 1);
    const auto digits = std::log10(std::max(static_cast<double>(window) / numbers, 1.0)) + 1.0;
    return numbers * (digits + 1.0) <= static_cast<double>(written_bytes_max - head_bytes_max);
}

}  // namespace productd
