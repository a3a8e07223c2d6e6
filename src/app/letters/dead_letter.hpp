// The message that tells of a message nobody could apply.
#pragma once

#include <string>

#include "app/ports/message_log.hpp"

namespace productd {

struct DeadLetter {
    const Message& message;
    const Error& error;
    std::string code;  ///< `invalid_argument`, `bad_time`, `retry_exhausted`, `not_found`, …
    std::string group;
    std::string traceparent;
    int attempts = 1;
    Timestamp first_failure{};
    Timestamp last_failure{};
};

/// Whether a letter has all of its message, or only what identifies it: what a log refuses as too large is written
/// once more cut.
enum class Completeness { whole, cut };

/// JSON with messageId, topic, partition, offset, time, error, code, errors (the fields of an invalid message, as the
/// REST API tells them), key, payload, headers, group, attempts, firstFailure, lastFailure, traceparent. Key, payload
/// and header values are text where they are UTF-8 and that is no longer than base64, else `{"base64": "…"}`; an absent
/// key or payload is null. Keyed as the message was. A cut letter has no errors, payload and headers, at most 1 KiB
/// each of key, traceparent and error, and says `truncated`, the payload's length and its SHA-256. The letter of a
/// replayed message is its origin's (messageId, topic, partition, offset, messageTime, first failure, all attempts) and
/// says how often it was replayed (`replays`) and where it was read last
/// (`readAt`); the headers that made it a replay are left out.
Record encode_dead_letter(const std::string& topic, const DeadLetter& letter, Completeness completeness);

}  // namespace productd
