// Writes dead letters. Calls replay, json_writer, base64 and SHA-256.
#include "app/letters/dead_letter.hpp"

#include <algorithm>

#include "app/events/replay_headers.hpp"
#include "codec/base64.hpp"
#include "codec/json/json_writer.hpp"
#include "codec/sha256.hpp"
#include "domain/utf8.hpp"

namespace productd {

namespace {

constexpr std::size_t cut_bytes_max = 1'024;

void append_bytes(std::string& out, std::optional<std::string_view> bytes) {
    if (!bytes) {
        out += "null";
        return;
    }
    auto encoded = base64(*bytes);
    if (code_points(*bytes)) {
        std::string text;
        json::append_string(text, *bytes);
        if (text.size() <= encoded.size() + std::string_view(R"({"base64":""})").size()) {
            out += text;
            return;
        }
    }
    out += R"({"base64":")";
    out += encoded;
    out += "\"}";
}

void append_headers(std::string& out, const Headers& headers) {
    json::append_array(out, headers, [&](const Header& header) {
        json::ObjectWriter object(out);
        append_bytes(object.member("name"), header.name);
        append_bytes(object.member("value"), header.value);
    });
}

/// Not beyond `bytes_max`, and not in the middle of a character.
std::string_view shortened(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    text = text.substr(0, bytes_max);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.remove_suffix(1);
    return text;
}

void write_violations(json::ObjectWriter& letter, const std::vector<Violation>& violations) {
    auto& out = letter.member("errors");
    json::append_array(out, violations, [&](const Violation& violation) {
        json::ObjectWriter object(out);
        object.text("field", violation.field);
        object.text("code", violation.code);
        object.text("detail", violation.detail);
    });
}

void write_whole(json::ObjectWriter& letter, const Message& message) {
    append_bytes(letter.member("key"), message.key);
    append_bytes(letter.member("payload"), message.value);
    append_headers(letter.member("headers"), lasting_headers(message));
}

void write_cut(json::ObjectWriter& letter, const Message& message) {
    const auto key = message.key ? std::optional(message.key->substr(0, cut_bytes_max)) : std::nullopt;
    append_bytes(letter.member("key"), key);
    letter.null("payload");
    letter.member("headers") += "[]";
    letter.boolean("truncated", true);
    letter.number("payloadBytes", message.value ? message.value->size() : 0);
    letter.text("payloadSha256", hex(sha256(message.value.value_or(""))));
}

void write_letter(std::string& out, const DeadLetter& letter, bool is_whole) {
    // The letter of a replayed message is its origin's: so letters of one message are known as one.
    const auto replay = replay_of(letter.message);
    const auto& position = replay ? replay->origin : letter.message.position;
    json::ObjectWriter object(out);
    object.text("messageId", to_string(position));
    object.text("topic", position.source.topic);
    object.number("partition", position.source.partition);
    object.number("offset", position.offset);
    object.time("time", letter.last_failure);
    object.text("error", shortened(letter.error.detail, is_whole ? std::string_view::npos : cut_bytes_max));
    object.text("code", letter.code);
    if (is_whole && !letter.error.violations.empty()) write_violations(object, letter.error.violations);
    is_whole ? write_whole(object, letter.message) : write_cut(object, letter.message);
    object.text("group", letter.group);
    object.number("attempts", letter.attempts + (replay ? replay->attempts : 0));
    object.time("messageTime", position.time);
    object.time("firstFailure", replay ? replay->first_failure.value_or(letter.first_failure) : letter.first_failure);
    object.time("lastFailure", letter.last_failure);
    object.text("traceparent", letter.traceparent);
    if (!replay) return;
    object.number("replays", replay->replays);
    object.text("readAt", to_string(letter.message.position));
}

}  // namespace

Record encode_dead_letter(const std::string& topic, const DeadLetter& letter, Completeness completeness) {
    const bool is_whole = completeness == Completeness::whole;
    std::string out;
    write_letter(out, letter, is_whole);
    auto key = letter.message.key;
    if (key && !is_whole) key->resize(std::min(key->size(), cut_bytes_max));
    Record record{.topic = topic, .key = std::move(key), .value = std::move(out), .time = letter.last_failure};
    record.headers.push_back({event_header::content_type, "application/json"});
    if (!letter.traceparent.empty()) record.headers.push_back({event_header::traceparent, letter.traceparent});
    return record;
}

}  // namespace productd
