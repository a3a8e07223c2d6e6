// Reads and writes the headers of a replayed message. Calls nobody.
#include "app/events/replay_headers.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <ranges>

#include "domain/integer.hpp"

namespace productd {

namespace {

constexpr std::size_t origin_bytes_max = 320;  // A topic's name has 249 at most.
constexpr std::int64_t attempts_max = 1'000'000'000;

using HeadersBehind = std::ranges::subrange<Headers::Iterator>;

/// From the last origin on. Empty without one.
HeadersBehind replay_headers(const Message& message) {
    auto origin = message.headers.end();
    for (auto at = message.headers.begin(); at != message.headers.end(); ++at) {
        if ((*at).name == event_header::origin) origin = at;
    }
    return {origin, message.headers.end()};
}

/// Nothing when it is missing, no number, or not from `min` to `max`.
std::optional<std::int64_t> number_of(const HeadersBehind& headers, std::string_view name, std::int64_t min,
                                      std::int64_t max) {
    const auto found = std::ranges::find(headers, name, &Header::name);
    const auto value = found == headers.end() ? std::nullopt : parse_integer((*found).value);
    return value && *value >= min && *value <= max ? value : std::nullopt;
}

}  // namespace

std::optional<Position> parse_position(std::string_view text) {
    if (text.size() > origin_bytes_max) return std::nullopt;
    Position position;
    std::array<std::int64_t, 3> numbers{};
    auto rest = text;
    for (auto n = numbers.size(); n-- > 0;) {
        const auto slash = rest.rfind('/');
        const auto number = slash == std::string_view::npos ? std::nullopt : parse_integer(rest.substr(slash + 1));
        if (!number) return std::nullopt;
        numbers[n] = *number;
        rest = rest.substr(0, slash);
    }
    position.source = {std::string(rest), static_cast<std::int32_t>(numbers[0])};
    position.offset = numbers[1];
    position.time = Timestamp{std::chrono::milliseconds{numbers[2]}};
    const bool is_canonical = to_string(position) == text;
    const bool is_plain = !rest.empty() && rest.find('/') == std::string_view::npos;
    if (!is_canonical || !is_plain || position.source.partition < 0 || position.offset < 0) return std::nullopt;
    return position;
}

std::optional<Replay> replay_of(const Message& message) {
    const auto headers = replay_headers(message);
    const auto origin = headers.empty() ? std::nullopt : parse_position((*headers.begin()).value);
    // A replay goes to the partition it came from, later: anything else is somebody's copy of our header.
    const auto& position = message.position;
    if (!origin || origin->source != position.source) return std::nullopt;
    if (origin->time > position.time && is_believable(origin->time, position.time)) return std::nullopt;
    Replay replay{.origin = *origin};
    replay.replays = number_of(headers, event_header::replays, 0, replays_max).value_or(0);
    replay.attempts = number_of(headers, event_header::attempts, 0, attempts_max).value_or(0);
    const auto first = number_of(headers, event_header::first_failure, 0, position.time.time_since_epoch().count());
    if (first) replay.first_failure = Timestamp{std::chrono::milliseconds{*first}};
    return replay;
}

Headers lasting_headers(const Message& message) {
    if (!replay_of(message)) return message.headers;
    constexpr std::array passing{event_header::origin, event_header::replays, event_header::attempts,
                                 event_header::first_failure};
    const auto read = replay_headers(message);
    const auto lasts = [&](const Header& header) { return std::ranges::find(passing, header.name) == passing.end(); };
    Headers lasting;
    std::ranges::copy(message.headers.begin(), read.begin(), std::back_inserter(lasting));
    std::ranges::copy_if(read, std::back_inserter(lasting), lasts);
    return lasting;
}

Headers with_trace(const Headers& headers, std::string_view traceparent) {
    Headers changed;
    bool is_there = false;
    for (const auto header : headers) {
        if (header.name != event_header::traceparent) {
            changed.push_back(header);
        } else if (!std::exchange(is_there, true)) {
            changed.push_back({header.name, traceparent});
        }
    }
    if (!is_there) changed.push_back({event_header::traceparent, traceparent});
    return changed;
}

void append_replay_headers(Headers& headers, const Replay& replay) {
    headers.push_back({event_header::origin, to_string(replay.origin)});
    headers.push_back({event_header::replays, std::to_string(replay.replays)});
    headers.push_back({event_header::attempts, std::to_string(std::min(replay.attempts, attempts_max))});
    if (replay.first_failure) {
        headers.push_back(
            {event_header::first_failure, std::to_string(replay.first_failure->time_since_epoch().count())});
    }
}

}  // namespace productd
