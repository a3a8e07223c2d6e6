// Writes dead letters. Calls json_text and base64.
#include "app/dead_letter.hpp"

#include "codec/base64.hpp"
#include "codec/json_text.hpp"
#include "domain/utf8.hpp"

namespace productd {

namespace {

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

}  // namespace

Record encode_dead_letter(const std::string& topic, const DeadLetter& letter) {
    const auto& position = letter.message.position;
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
    json::append_string(out, letter.error.detail);
    out += R"(,"code":)";
    json::append_string(out, letter.code);
    out += R"(,"key":)";
    append_bytes(out, letter.message.key);
    out += R"(,"payload":)";
    append_bytes(out, letter.message.value);
    out += R"(,"headers":)";
    append_headers(out, letter.message.headers);
    out += R"(,"group":)";
    json::append_string(out, letter.group);
    out += R"(,"attempts":)";
    json::append_number(out, static_cast<std::int64_t>(letter.attempts));
    out += R"(,"messageTime":)";
    json::append_time(out, position.time);
    out += R"(,"firstFailure":)";
    json::append_time(out, letter.first_failure);
    out += R"(,"lastFailure":)";
    json::append_time(out, letter.last_failure);
    out += R"(,"traceparent":)";
    json::append_ascii(out, letter.traceparent);
    out += '}';
    Record record{.topic = topic, .key = letter.message.key, .value = std::move(out), .time = letter.last_failure};
    record.headers.push_back({"content-type", "application/json"});
    return record;
}

}  // namespace productd
