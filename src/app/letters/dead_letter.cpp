// Writes dead letters. Calls replay, json_text, base64 and SHA-256.
#include "app/letters/dead_letter.hpp"

#include <algorithm>

#include "app/events/replay_headers.hpp"
#include "codec/base64.hpp"
#include "codec/json_text.hpp"
#include "codec/sha256.hpp"
#include "domain/utf8.hpp"

namespace productd {

namespace {

constexpr std::size_t cut_bytes_max = 1'024;

void append_bytes(std::string& out, const std::optional<std::string>& bytes) {
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

void append_headers(std::string& out, const std::vector<Header>& headers) {
    out += '[';
    for (std::size_t i = 0; i < headers.size(); ++i) {
        out += i == 0 ? R"({"name":)" : R"(,{"name":)";
        append_bytes(out, headers[i].name);
        out += R"(,"value":)";
        append_bytes(out, headers[i].value);
        out += '}';
    }
    out += ']';
}

/// Not beyond `bytes_max`, and not in the middle of a character.
std::string_view shortened(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    text = text.substr(0, bytes_max);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.remove_suffix(1);
    return text;
}

/// Which fields of an invalid message are wrong.
void append_violations(std::string& out, const std::vector<Violation>& violations) {
    for (std::size_t i = 0; i < violations.size(); ++i) {
        out += i == 0 ? R"(,"errors":[{"field":)" : R"(,{"field":)";
        json::append_string(out, violations[i].field);
        out += R"(,"code":)";
        json::append_string(out, violations[i].code);
        out += R"(,"detail":)";
        json::append_string(out, violations[i].detail);
        out += '}';
    }
    if (!violations.empty()) out += ']';
}

void append_whole(std::string& out, const Message& message) {
    out += R"(,"key":)";
    append_bytes(out, message.key);
    out += R"(,"payload":)";
    append_bytes(out, message.value);
    out += R"(,"headers":)";
    append_headers(out, lasting_headers(message));
}

void append_cut(std::string& out, const Message& message) {
    out += R"(,"key":)";
    append_bytes(out, message.key ? std::optional(message.key->substr(0, cut_bytes_max)) : std::nullopt);
    out += R"(,"payload":null,"headers":[],"truncated":true,"payloadBytes":)";
    json::append_number(out, static_cast<std::int64_t>(message.value ? message.value->size() : 0));
    out += R"(,"payloadSha256":)";
    json::append_string(out, hex(sha256(message.value.value_or(""))));
}

}  // namespace

Record encode_dead_letter(const std::string& topic, const DeadLetter& letter, Completeness completeness) {
    const bool is_whole = completeness == Completeness::whole;
    const auto text_max = is_whole ? std::string_view::npos : cut_bytes_max;
    // The letter of a replayed message is its origin's: so letters of one message are known as one.
    const auto replay = replay_of(letter.message);
    const auto& position = replay ? replay->origin : letter.message.position;
    const auto attempts = letter.attempts + (replay ? replay->attempts : 0);
    const auto first_failure = replay ? replay->first_failure.value_or(letter.first_failure) : letter.first_failure;
    std::string out = R"({"messageId":)";
    json::append_string(out, to_string(position));
    out += R"(,"topic":)";
    json::append_string(out, position.source.topic);
    out += R"(,"partition":)";
    json::append_number(out, static_cast<std::int64_t>(position.source.partition));
    out += R"(,"offset":)";
    json::append_number(out, position.offset);
    out += R"(,"time":)";
    json::append_time(out, letter.last_failure);
    out += R"(,"error":)";
    json::append_string(out, shortened(letter.error.detail, text_max));
    out += R"(,"code":)";
    json::append_string(out, letter.code);
    if (is_whole) append_violations(out, letter.error.violations);
    is_whole ? append_whole(out, letter.message) : append_cut(out, letter.message);
    out += R"(,"group":)";
    json::append_string(out, letter.group);
    out += R"(,"attempts":)";
    json::append_number(out, attempts);
    out += R"(,"messageTime":)";
    json::append_time(out, position.time);
    out += R"(,"firstFailure":)";
    json::append_time(out, first_failure);
    out += R"(,"lastFailure":)";
    json::append_time(out, letter.last_failure);
    out += R"(,"traceparent":)";
    json::append_string(out, letter.traceparent);
    if (replay) {
        out += R"(,"replays":)";
        json::append_number(out, replay->replays);
        out += R"(,"readAt":)";
        json::append_string(out, to_string(letter.message.position));
    }
    out += '}';
    auto key = letter.message.key;
    if (key && !is_whole) key->resize(std::min(key->size(), cut_bytes_max));
    Record record{.topic = topic, .key = std::move(key), .value = std::move(out), .time = letter.last_failure};
    record.headers.push_back({"content-type", "application/json"});
    return record;
}

}  // namespace productd
