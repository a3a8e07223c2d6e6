// Writes messages as lines of text or JSON. Calls codec/json_text and base64.
#include "cli/message_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "codec/base64.hpp"
#include "codec/json_text.hpp"
#include "domain/utf8.hpp"

namespace productd {

namespace {

/// RFC 3339 in UTC with milliseconds.
std::string time_text(Timestamp time) {
    std::string quoted;
    json::append_time(quoted, time);
    return quoted.substr(1, quoted.size() - 2);
}

void append_for_person(std::string& out, const std::optional<std::string>& bytes) {
    if (!bytes) {
        out += "(null)";
    } else if (!code_points(*bytes)) {
        out += "base64:" + base64(*bytes);
    } else {
        for (const char c : *bytes) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte == 0x7f) {
                fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
            } else {
                out += c;
            }
        }
    }
}

/// `"name":"text"`, or `"nameBase64":"…"`.
void append_member(std::string& out, std::string_view name, const std::optional<std::string>& bytes) {
    out += '"';
    out += name;
    if (bytes && !code_points(*bytes)) {
        out += "Base64\":\"" + base64(*bytes) + '"';
        return;
    }
    out += "\":";
    if (bytes) {
        json::append_string(out, *bytes);
    } else {
        out += "null";
    }
}

}  // namespace

void append_text_line(std::string& out, const Message& message) {
    const auto& position = message.position;
    fmt::format_to(std::back_inserter(out), "{}/{}/{} {} ", position.source.topic, position.source.partition,
                   position.offset, time_text(position.time));
    append_for_person(out, message.key);
    out += ' ';
    append_for_person(out, message.value);
    out += '\n';
}

void append_json_line(std::string& out, const Message& message) {
    const auto& position = message.position;
    out += "{\"topic\":";
    json::append_string(out, position.source.topic);
    fmt::format_to(std::back_inserter(out), ",\"partition\":{},\"offset\":{},\"time\":\"{}\",",
                   position.source.partition, position.offset, time_text(position.time));
    append_member(out, "key", message.key);
    out += ',';
    append_member(out, "value", message.value);
    out += ",\"headers\":[";
    for (const auto& header : message.headers) {
        out += out.ends_with('[') ? "{" : ",{";
        append_member(out, "name", header.name);
        out += ',';
        append_member(out, "value", header.value);
        out += '}';
    }
    out += "]}\n";
}

}  // namespace productd
