// A table of kinds by hash, bounded. Calls nothing.
#include "telemetry/log_repeats.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace productd::log {

namespace {

/// What tells causes apart. Ids, offsets, times and addresses of a line do not.
constexpr std::array<std::string_view, 6> compared{"error", "cause", "code", "said", "operation", "check"};
constexpr std::size_t shown_bytes_max = 256;
/// The first hashes are those of what is beyond the table's room, by level.
constexpr std::uint64_t kept_hashes = 4;
constexpr std::uint64_t hash_of_the_rest(Level level) { return static_cast<std::uint64_t>(level); }

const std::string_view* text_of(const Field& field) {
    const bool is_compared = std::ranges::find(compared, field.name) != compared.end();
    return is_compared ? std::get_if<std::string_view>(&field.value) : nullptr;
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// FNV-1a.
void mix(std::uint64_t& hash, char c) { hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U; }

/// A word with a digit in it is an id, an address or a number, and differs from line to line.
void mix_words(std::uint64_t& hash, std::string_view text) {
    text = text.substr(0, 1'024);
    for (std::size_t at = 0; at < text.size();) {
        auto end = at;
        bool has_digit = false;
        while (end < text.size() && (is_digit(text[end]) || is_letter(text[end]))) has_digit |= is_digit(text[end++]);
        if (end == at) ++end;
        if (has_digit) {
            mix(hash, '#');
        } else {
            for (const char c : text.substr(at, end - at)) mix(hash, c);
        }
        at = end;
    }
    mix(hash, '\0');
}

std::uint64_t hash_of(Level level, std::string_view message, Fields fields) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    mix(hash, static_cast<char>(level));
    mix_words(hash, message);
    for (const auto& field : fields) {
        const auto* text = text_of(field);
        if (text == nullptr) continue;
        mix_words(hash, field.name);
        mix_words(hash, *text);
    }
    return hash < kept_hashes ? hash + kept_hashes : hash;
}

Repeated first_of(Level level, std::string_view message, Fields fields) {
    Repeated first{level, std::string(message.substr(0, shown_bytes_max)), {}, 0};
    for (const auto& field : fields) {
        const auto* text = text_of(field);
        if (text != nullptr && !text->empty()) first.why.emplace_back(field.name, text->substr(0, shown_bytes_max));
    }
    return first;
}

}  // namespace

bool LogRepeats::admit(Level level, std::string_view message, Fields fields, Time now) {
    auto& kind = kind_of(level, message, fields, now);
    if (now >= kind.until) {
        kind.until = now + limits_.period;
        kind.lines = 0;
        // Where nobody takes what is over, for standard error stands still, it is counted on.
        if (kind.left_out.lines > 0 && over_.size() < limits_.kinds_max) {
            over_.push_back(std::exchange(kind.left_out, {}));
        }
    }
    if (++kind.lines <= limits_.lines_max) return true;
    auto& left_out = kind.left_out;
    if (left_out.lines == 0) {
        left_out = first_of(level, message, fields);
        due_ = std::min(due_.value_or(kind.until), kind.until);
    }
    ++left_out.lines;
    left_out.level = std::max(left_out.level, level);
    return false;
}

/// Where the table is full of kinds whose periods are not over, all others of a level are one.
LogRepeats::Kind& LogRepeats::kind_of(Level level, std::string_view message, Fields fields, Time now) {
    const auto hash = hash_of(level, message, fields);
    if (const auto known = kinds_.find(hash); known != kinds_.end()) return known->second;
    if (kinds_.size() >= limits_.kinds_max) {
        std::erase_if(kinds_,
                      [&](const auto& entry) { return entry.second.until <= now && entry.second.left_out.lines == 0; });
    }
    return kinds_[kinds_.size() < limits_.kinds_max ? hash : hash_of_the_rest(level)];
}

std::vector<Repeated> LogRepeats::take(Time now) {
    auto told = std::exchange(over_, {});
    due_.reset();
    std::erase_if(kinds_, [&](auto& entry) {
        auto& kind = entry.second;
        if (kind.until > now) {
            if (kind.left_out.lines > 0) due_ = std::min(due_.value_or(kind.until), kind.until);
            return false;
        }
        if (kind.left_out.lines > 0) told.push_back(std::move(kind.left_out));
        return true;
    });
    return told;
}

std::optional<LogRepeats::Time> LogRepeats::due() const { return due_; }

}  // namespace productd::log
