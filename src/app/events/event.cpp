// What all changes have in common as messages, of which no header of a stranger is trusted. Calls the topic table's
// decoders, the product codec and SHA-256.
#include "app/events/event.hpp"

#include <algorithm>
#include <cstring>

#include "app/events/topics.hpp"
#include "codec/product/product_json.hpp"
#include "codec/request_id.hpp"
#include "codec/sha256.hpp"

namespace productd {

namespace {

constexpr const char* bad_time_code = "bad_time";  // Of the violation.

std::string header_or_empty(const Message& message, std::string_view name) {
    return std::string(message.headers.find(name).value_or(""));
}

std::string payload(const Change& change) {
    switch (change.kind) {
        case ChangeKind::create: return draft_text(change.draft, change.id, change.time, change.time);
        case ChangeKind::update: return draft_text(change.draft, change.id, std::nullopt, change.time);
        case ChangeKind::remove: return draft_text({}, change.id, std::nullopt, std::nullopt);
    }
    std::unreachable();
}

}  // namespace

Record encode_event(const std::string& topic, const Event& event) {
    const auto& change = event.change;
    Record record{.topic = topic, .key = change.id.hex(), .value = payload(change), .time = change.time};
    auto& headers = record.headers;
    headers.push_back({event_header::content_type, "application/json"});
    if (!event.wait_id.empty()) headers.push_back({event_header::wait_id, event.wait_id});
    const auto& trace = event.trace;
    if (trace.context.is_valid()) headers.push_back({event_header::traceparent, traceparent(trace.context)});
    if (!trace.tracestate.empty()) headers.push_back({event_header::tracestate, trace.tracestate});
    if (!trace.baggage.empty()) headers.push_back({event_header::baggage, trace.baggage});
    if (!trace.request_id.empty()) headers.push_back({event_header::request_id, trace.request_id});
    if (change.expected) headers.push_back({event_header::expected_version, std::to_string(change.expected->value)});
    if (change.digest) headers.push_back({event_header::digest, hex(*change.digest)});
    return record;
}

Result<Event> decode_event(ChangeKind kind, const Message& message, Timestamp read_up_to, Timestamp now) {
    if (!is_believable(message.position.time, now)) {
        constexpr const char* why = "the message's time is more than an hour ahead.";
        return fail(invalid(std::string("bad_time: ") + why, {{"time", bad_time_code, why}}));
    }
    if (!message.value) return fail(invalid("The message has no payload."));
    auto change = topic_of(kind).consumed->decode(message);
    if (!change) return fail(std::move(change.error()));
    change->kind = kind;
    change->time = message.position.time;
    change->source = Source{message.position, read_up_to};
    // The lists stay in the message's headers: nobody here reads them.
    return Event{std::move(*change), header_or_empty(message, event_header::wait_id), {trace_of(message)}};
}

SpanContext trace_of(const Message& message) {
    return parse_traceparent(message.headers.find(event_header::traceparent).value_or(""));
}

std::string_view request_id_of(const Message& message) {
    const auto id = message.headers.find(event_header::request_id).value_or("");
    return is_request_id(id, http_request_id_bytes_max) ? id : std::string_view();
}

bool is_bad_time(const Error& error) {
    return std::ranges::find(error.violations, bad_time_code, &Violation::code) != error.violations.end();
}

ProductId id_of_key(std::string_view idempotency_key) {
    const auto digest = sha256("productd idempotency key\n" + std::string(idempotency_key));
    ProductId::Bytes bytes{};
    std::memcpy(bytes.data(), digest.data(), bytes.size());
    return ProductId{bytes};
}

ProductId id_of_position(const Position& position) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(position.time).time_since_epoch().count();
    const auto digest = sha256(to_string(position));
    ProductId::Bytes bytes{};
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
    std::memcpy(bytes.data() + 4, digest.data(), 8);
    return ProductId{bytes};
}

Digest digest_of(const Draft& draft) { return sha256(draft_text(draft, std::nullopt, std::nullopt, std::nullopt)); }

}  // namespace productd
