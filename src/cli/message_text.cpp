// Writes messages as lines of text or JSON. Calls the JSON writer and base64.
#include "cli/message_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "codec/base64.hpp"
#include "codec/json/json_writer.hpp"
#include "codec/time_text.hpp"
#include "domain/utf8.hpp"

namespace productd {

namespace {

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
void add(json::ObjectWriter& object, const std::string& name, std::optional<std::string_view> bytes) {
    if (!bytes) return object.null(name);
    if (!code_points(*bytes)) return object.bytes(name + "Base64", bytes);
    object.text(name, *bytes);
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
    {
        json::ObjectWriter object(out);
        object.text("topic", position.source.topic);
        object.number("partition", position.source.partition);
        object.number("offset", position.offset);
        object.time("time", position.time);
        add(object, "key", message.key);
        add(object, "value", message.value);
        json::append_array(object.member("headers"), message.headers, [&](const Header& header) {
            json::ObjectWriter pair(out);
            add(pair, "name", header.name);
            add(pair, "value", header.value);
        });
    }
    out += '\n';
}

}  // namespace productd
