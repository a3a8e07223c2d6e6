// Writes JSON objects and arrays as text.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "codec/base64.hpp"
#include "codec/json/json_text.hpp"

namespace productd::json {

/// Writes members one after another: `{`, then a comma before each but the first, and `}` when it ends. Names are
/// ours and need no escape.
class ObjectWriter {
public:
    explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
    ~ObjectWriter() { out_ += '}'; }
    ObjectWriter(const ObjectWriter&) = delete;
    ObjectWriter& operator=(const ObjectWriter&) = delete;

    /// The member's name; append its value.
    std::string& member(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += '"';
        out_ += name;
        out_ += "\":";
        return out_;
    }
    void text(std::string_view name, std::string_view value) { append_string(member(name), value); }
    /// As text(), for bytes of unknown origin.
    void ascii(std::string_view name, std::string_view value) { append_ascii(member(name), value); }
    void boolean(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }
    void number(std::string_view name, double value) { append_number(member(name), value); }
    template <std::integral Integer>
    void number(std::string_view name, Integer value) {
        append_number(member(name), static_cast<std::int64_t>(value));
    }
    /// RFC 3339.
    void time(std::string_view name, Timestamp value) { append_time(member(name), value); }
    void milliseconds(std::string_view name, Timestamp value) { number(name, value.time_since_epoch().count()); }
    void null(std::string_view name) { member(name) += "null"; }
    /// Base64, or null.
    void bytes(std::string_view name, std::optional<std::string_view> value) {
        if (value) {
            member(name) += '"' + base64(*value) + '"';
        } else {
            null(name);
        }
    }

private:
    std::string& out_;
    bool first_ = true;
};

/// `[`, then each item as `write(item)` appends it to `out`, then `]`.
template <class Items, class Write>
void append_array(std::string& out, const Items& items, Write write) {
    out += '[';
    bool first = true;
    for (const auto& item : items) {
        if (!first) out += ',';
        first = false;
        write(item);
    }
    out += ']';
}

}  // namespace productd::json
