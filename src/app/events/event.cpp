// Calls the product codec and SHA-256.
#include "app/events/event.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "app/events/replay_headers.hpp"
#include "codec/product_json.hpp"
#include "codec/sha256.hpp"
#include "codec/trace_context.hpp"

namespace productd {

namespace {

constexpr const char* bad_time_code = "bad_time";  // Of the violation.

const std::string* find_header(const Message& message, std::string_view name) {
    for (const auto& header : message.headers) {
        if (header.name == name) return &header.value;
    }
    return nullptr;
}

std::string header_or_empty(const Message& message, std::string_view name) {
    const auto* value = find_header(message, name);
    return value ? *value : std::string();
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<Version> expected_version(const Message& message) {
    const auto* text = find_header(message, event_header::expected_version);
    const auto value = text ? parse_integer(*text) : std::nullopt;
    return value ? std::optional(Version{*value}) : std::nullopt;
}

/// A digest header that is not the payload's own is somebody's mistake: without it the create is an ordinary one.
std::optional<Digest> keyed_digest(const Message& message, const Draft& draft) {
    const auto* text = find_header(message, event_header::digest);
    const auto digest = text ? parse_digest(*text) : std::nullopt;
    return digest && *digest == digest_of(draft) ? digest : std::nullopt;
}

/// A replayed create without id is the product its original was.
ProductId derived_id(const Message& message) {
    const auto replay = replay_of(message);
    return id_of_position(replay ? replay->origin : message.position);
}

std::string payload(const Change& change) {
    if (change.kind == ChangeKind::remove) return draft_text({}, change.id, std::nullopt, std::nullopt);
    const auto created_at = change.kind == ChangeKind::create ? std::optional(change.time) : std::nullopt;
    return draft_text(change.draft, change.id, created_at, change.time);
}

Result<Change> read_change(ChangeKind kind, const Message& message) {
    Change change{.kind = kind};
    if (kind == ChangeKind::remove) {
        auto id = read_product_id(*message.value);
        if (!id) return fail(std::move(id.error()));
        change.id = *id;
        return change;
    }
    auto product = read_product(*message.value, ProductIdMember::read);
    if (!product) return fail(std::move(product.error()));
    if (!product->id && kind == ChangeKind::update) {
        return fail(invalid("productId is required.", {{"productId", "required", "productId is required."}}));
    }
    change.id = product->id ? *product->id : derived_id(message);
    change.draft = std::move(product->draft);
    return change;
}

}  // namespace

Record encode_event(const std::string& topic, const Event& event) {
    const auto& change = event.change;
    Record record{.topic = topic, .key = change.id.hex(), .value = payload(change), .time = change.time};
    auto& headers = record.headers;
    headers.push_back({event_header::content_type, "application/json"});
    if (!event.wait_id.empty()) headers.push_back({event_header::wait_id, event.wait_id});
    if (!event.traceparent.empty()) headers.push_back({event_header::traceparent, event.traceparent});
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
    auto change = read_change(kind, message);
    if (!change) return fail(std::move(change.error()));
    change->time = message.position.time;
    change->source = Source{message.position, read_up_to};
    if (kind != ChangeKind::create) change->expected = expected_version(message);
    if (kind == ChangeKind::create) change->digest = keyed_digest(message, change->draft);
    return Event{std::move(*change), header_or_empty(message, event_header::wait_id),
                 traceparent_or_empty(header_or_empty(message, event_header::traceparent))};
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
