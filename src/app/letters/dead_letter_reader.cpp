// Reads dead letters. Calls json_object, base64 and replay.
#include "app/letters/dead_letter_reader.hpp"

#include "app/events/replay_headers.hpp"
#include "codec/base64.hpp"
#include "codec/json/json_object.hpp"
#include "codec/time_text.hpp"

namespace productd {

namespace {

Error damaged(const char* what) { return invalid(std::string("It is no dead letter of productd: ") + what + '.'); }

/// Reads members and remembers the first that is not as it should be.
class Members {
public:
    explicit Members(json::Object from) : from_(std::move(from)) {}

    std::string text(const char* name) { return noted(name, from_.text(name)).value_or(""); }
    std::int64_t count(const char* name) {
        const auto value = noted(name, from_.integer(name)).value_or(0);
        if (value < 0) note(name);
        return value;
    }
    Timestamp time(const char* name) { return noted(name, parse_time(text(name))).value_or(Timestamp{}); }
    /// Text, `{"base64": "…"}` or null.
    std::optional<std::string> bytes(const char* name) {
        if (from_.is_null(name)) return std::nullopt;
        if (auto value = from_.text(name)) return value;
        const auto object = from_.object(name);
        const auto encoded = object ? object->text("base64") : std::nullopt;
        return noted(name, encoded ? from_base64(*encoded) : std::nullopt);
    }
    bool has(const char* name) const { return from_.has(name); }
    void note(const char* name) {
        if (!wrong_) wrong_ = name;
    }
    const char* wrong() const { return wrong_; }

private:
    template <class T>
    std::optional<T> noted(const char* name, std::optional<T> value) {
        if (!value) note(name);
        return value;
    }

    json::Object from_;
    const char* wrong_ = nullptr;
};

Headers headers_of(const json::Object& letter, Members& members) {
    Headers headers;
    const auto array = letter.objects("headers");
    if (!array) return members.note("headers"), headers;
    for (const auto& header : *array) {
        Members pair(header);
        const auto name = pair.bytes("name");
        const auto value = pair.bytes("value");
        if (!name || !value) return members.note("headers"), headers;
        headers.push_back({*name, *value});
    }
    return headers;
}

std::vector<Violation> violations_of(const json::Object& letter, Members& members) {
    std::vector<Violation> violations;
    if (!letter.has("errors")) return violations;
    const auto array = letter.objects("errors");
    if (!array) return members.note("errors"), violations;
    for (const auto& error : *array) {
        Members one(error);
        violations.push_back({one.text("field"), one.text("code"), one.text("detail")});
        if (one.wrong()) members.note("errors");
    }
    return violations;
}

}  // namespace

Result<ReadLetter> read_dead_letter(std::string_view text) {
    const auto root = json::Object::parse(text);
    if (!root) return fail(damaged("not JSON"));
    Members members(*root);
    const auto origin = parse_position(members.text("messageId"));
    if (!origin) return fail(damaged("its messageId is none"));
    ReadLetter letter{.origin = *origin};
    letter.error = members.text("error");
    letter.code = members.text("code");
    letter.violations = violations_of(*root, members);
    letter.group = members.text("group");
    letter.traceparent = members.text("traceparent");
    letter.key = members.bytes("key");
    letter.payload = members.bytes("payload");
    letter.headers = headers_of(*root, members);
    letter.attempts = members.count("attempts");
    letter.first_failure = members.time("firstFailure");
    letter.last_failure = members.time("lastFailure");
    if (members.has("replays")) letter.replays = members.count("replays");
    letter.truncated = members.has("truncated");
    letter.payload_bytes = letter.truncated ? members.count("payloadBytes")
                                            : static_cast<std::int64_t>(letter.payload.value_or("").size());
    if (members.wrong()) return fail(damaged((std::string(members.wrong()) + " is missing or wrong").c_str()));
    return letter;
}

Message original(const ReadLetter& letter) { return {letter.origin, letter.key, letter.payload, letter.headers}; }

}  // namespace productd
