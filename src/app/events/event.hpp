// A change as a message of its topic, and back.
#pragma once

#include <string>

#include "app/ports/message_log.hpp"
#include "domain/decide.hpp"

namespace productd {

/// Headers of ours. On a foreign message they are hints from which nothing unsafe follows: a digest counts only if
/// it is the payload's, a wait id only if a request waits for this very position.
namespace event_header {
inline constexpr const char* wait_id = "productd-wait-id";
inline constexpr const char* expected_version = "productd-expected-version";
inline constexpr const char* digest = "productd-digest";
inline constexpr const char* origin = "productd-origin";      ///< `topic/partition/offset/time` of a replayed message.
inline constexpr const char* replays = "productd-replays";    ///< How often it was replayed so far.
inline constexpr const char* attempts = "productd-attempts";  ///< Of all its replays before this one.
inline constexpr const char* first_failure = "productd-first-failure";  ///< Milliseconds since the epoch.
inline constexpr const char* traceparent = "traceparent";
inline constexpr const char* content_type = "content-type";
}  // namespace event_header

struct Event {
    Change change;
    std::string wait_id;      ///< Empty when no request waits.
    std::string traceparent;  ///< W3C; empty for none.
};

/// The record that carries `event` on `topic`: keyed by product id, plain product JSON.
Record encode_event(const std::string& topic, const Event& event);

/// Reads a message of a topic that carries changes of `kind`. `read_up_to` is the highest message time read from its
/// partition, `now` the reader's clock. Everything that fails here fails for ever: invalid_argument.
Result<Event> decode_event(ChangeKind kind, const Message& message, Timestamp read_up_to, Timestamp now);

/// Whether decode_event() refused the message for its time alone: it is `bad_time`, and can be read once it is
/// published with another.
bool is_bad_time(const Error& error);

/// A message this far ahead of the reader's clock has no believable time.
inline constexpr std::chrono::hours time_ahead_max{1};
inline bool is_believable(Timestamp time, Timestamp now) { return time <= now + time_ahead_max; }

/// The id an idempotency key stands for, on every instance the same.
ProductId id_of_key(std::string_view idempotency_key);
/// The id of a create that carries none: 4 bytes of the message's time in seconds and 8 of SHA-256 of
/// `topic/partition/offset/time`; the same on every redelivery.
ProductId id_of_position(const Position& position);
/// What tells two drafts apart.
Digest digest_of(const Draft& draft);

}  // namespace productd
