// Calls fmt.
#include "outbound/sqlite/store/sqlite_feed_position.hpp"

#include <fmt/format.h>

#include <charconv>

namespace productd {

namespace {

constexpr std::size_t digits = 16;
constexpr std::string_view kind = "s-";

Error no_position() { return {Errc::invalid_argument, "This is no position in the feed of changes."}; }

std::optional<std::int64_t> hex_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (text.size() != digits || error != std::errc() || end != text.data() + digits) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

}  // namespace

FeedPosition SqliteFeedPosition::text() const {
    return {fmt::format("{}{:016x}.{:016x}{}{}", kind, static_cast<std::uint64_t>(incarnation),
                        static_cast<std::uint64_t>(number), snapshot_at ? "." : "",
                        snapshot_at ? snapshot_at->hex() : "")};
}

Result<SqliteFeedPosition> SqliteFeedPosition::parse(const FeedPosition& position) {
    std::string_view text = position.text;
    if (text.starts_with("m-")) return fail(Errc::out_of_range, "This position is of another store's feed.");
    if (!text.starts_with(kind)) return fail(no_position());
    text.remove_prefix(kind.size());
    const auto incarnation = hex_number(text.substr(0, digits));
    if (!incarnation || text.size() < 2 * digits + 1 || text[digits] != '.') return fail(no_position());
    const auto number = hex_number(text.substr(digits + 1, digits));
    if (!number || *number < 0) return fail(no_position());
    SqliteFeedPosition parsed{*incarnation, *number, std::nullopt};
    text.remove_prefix(2 * digits + 1);
    if (!text.empty()) parsed.snapshot_at = ProductId::parse(text.substr(1));
    // Whatever was read another way, as large letters, would not sort.
    if (parsed.text() != position) return fail(no_position());
    return parsed;
}

}  // namespace productd
