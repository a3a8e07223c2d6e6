// A change as a message of its topic, and back.
#pragma once

#include <string>
#include <string_view>

#include "app/events/event_headers.hpp"
#include "app/ports/message_log.hpp"
#include "domain/decide.hpp"
#include "tracing/trace_context.hpp"

namespace productd {

struct Event {
    Change change;
    std::string wait_id;  ///< Empty when no request waits.
    TraceHeaders trace;   ///< Whose change it is.
};

/// The record that carries `event` on `topic`: keyed by product id, plain product JSON.
Record encode_event(const std::string& topic, const Event& event);

/// Reads a message of a topic that carries changes of `kind`. `read_up_to` is the highest message time read from its
/// partition, `now` the reader's clock. Everything that fails here fails for ever: invalid_argument.
Result<Event> decode_event(ChangeKind kind, const Message& message, Timestamp read_up_to, Timestamp now);

/// Whose message it is, by its headers; nobody's where they do not say.
SpanContext trace_of(const Message& message);

/// The id of the request it comes from, as it may stand in log lines; empty where it has none. Part of the message.
std::string_view request_id_of(const Message& message);

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
