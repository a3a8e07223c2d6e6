// The headers of our messages.
#pragma once

/// Headers of ours. On a foreign message they are hints from which nothing unsafe follows: a digest counts only if
/// it is the payload's, a wait id only if a request waits for this very position.
namespace productd::event_header {
inline constexpr const char* wait_id = "productd-wait-id";
inline constexpr const char* expected_version = "productd-expected-version";
inline constexpr const char* digest = "productd-digest";
inline constexpr const char* origin = "productd-origin";      ///< `topic/partition/offset/time` of a replayed message.
inline constexpr const char* replays = "productd-replays";    ///< How often it was replayed so far.
inline constexpr const char* attempts = "productd-attempts";  ///< Those of all its replays before this one.
inline constexpr const char* first_failure = "productd-first-failure";  ///< Milliseconds since the epoch.
inline constexpr const char* traceparent = "traceparent";
inline constexpr const char* tracestate = "tracestate";
inline constexpr const char* baggage = "baggage";
inline constexpr const char* request_id = "x-request-id";  ///< For log lines alone.
inline constexpr const char* content_type = "content-type";
}  // namespace productd::event_header
