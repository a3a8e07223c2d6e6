// What a replayed message carries of the message it was, in headers of ours.
#pragma once

#include <optional>
#include <string_view>

#include "app/events/event.hpp"

namespace productd {

/// A letter that was replayed this often is replayed no more: what loops is stopped.
inline constexpr std::int64_t replays_max = 1'000;

struct Replay {
    Position origin;            ///< Where the message was first published.
    std::int64_t replays = 0;   ///< This one included.
    std::int64_t attempts = 0;  ///< Before this replay.
    std::optional<Timestamp> first_failure;
};

/// The position that a canonical `topic/partition/offset/time` names; nothing for any other text.
std::optional<Position> parse_position(std::string_view text);

/// What `message` carries: the last origin and the counts behind it, for what stands before is what the message had
/// when it was replayed. Nothing unless the origin is well formed, of its own partition and not later than itself, or
/// so much later that its time was the fault (`bad_time`). Counts and times that no replay of ours can have written are
/// left out.
std::optional<Replay> replay_of(const Message& message);

/// The message's headers as they were first published: without those that replay_of() read. Anybody's headers of these
/// names that make no replay stay as they are.
Headers lasting_headers(const Message& message);

/// `headers` with this `traceparent` where theirs stood, or at the end.
Headers with_trace(const Headers& headers, std::string_view traceparent);

/// Adds what replay_of() reads.
void append_replay_headers(Headers& headers, const Replay& replay);

}  // namespace productd
