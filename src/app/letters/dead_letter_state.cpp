// Reads and writes marks as JSON. Calls json_writer, json_object, base64 and murmur2.
#include "app/letters/dead_letter_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/base64.hpp"
#include "codec/json/json_object.hpp"
#include "codec/json/json_writer.hpp"
#include "codec/murmur2.hpp"
#include "domain/integer.hpp"

namespace productd {

namespace {

/// A number above the mark's own offset was not written by a purge: it counts as not moved.
std::int64_t order_of(const Message& message) {
    const auto text = message.headers.find(moved_header);
    const auto first = text ? parse_integer(*text) : std::nullopt;
    return first && *first >= 0 && *first < message.position.offset ? *first : message.position.offset;
}

/// By it a compaction knows copies of a mark: a run writes each state once.
std::string key_of(const LetterMark& mark) { return mark.id + '#' + mark.run + '#' + name(mark.state); }

void write_mark(std::string& out, const LetterMark& mark) {
    json::ObjectWriter object(out);
    object.text("messageId", mark.id);
    object.text("state", name(mark.state));
    json::append_array(object.member("letters"), mark.letters, [&](const auto& place) {
        json::ObjectWriter letter(out);
        letter.number("partition", place.first);
        letter.number("offset", place.second);
    });
    object.text("run", mark.run);
    if (mark.published) object.milliseconds("published", *mark.published);
    if (mark.payload) object.bytes("payload", mark.payload);
}

std::optional<LetterPlaces> letters_of(const json::Object& mark) {
    const auto array = mark.objects("letters");
    if (!array) return std::nullopt;
    LetterPlaces letters;
    for (const auto& letter : *array) {
        const auto partition = letter.integer("partition");
        const auto offset = letter.integer("offset");
        if (!partition || !offset || !std::in_range<std::int32_t>(*partition)) return std::nullopt;
        letters[static_cast<std::int32_t>(*partition)] = *offset;
    }
    return letters;
}

}  // namespace

Record encode_mark(const std::string& topic, std::int32_t partitions, const LetterMark& mark, Timestamp now) {
    std::string out;
    write_mark(out, mark);
    Record record{.topic = topic, .key = key_of(mark), .value = std::move(out), .time = now};
    if (partitions > 0) record.partition = partition_of(mark.id, partitions);
    record.headers.push_back({"content-type", "application/json"});
    if (mark.state == LetterState::purged) record.headers.push_back({purge_header, "1"});
    return record;
}

Record moved_mark(Message message) {
    const auto order = order_of(message);
    Record record{.topic = message.position.source.topic,
                  .partition = message.position.source.partition,
                  .key = std::move(message.key),
                  .value = std::move(message.value),
                  .time = message.position.time};
    for (const auto header : message.headers) {
        if (header.name != purge_header && header.name != moved_header) record.headers.push_back(header);
    }
    record.headers.push_back({purge_header, "1"});
    record.headers.push_back({moved_header, std::to_string(order)});
    return record;
}

Result<LetterMark> read_mark(const Message& message) {
    const auto wrong = [] { return fail(invalid("It is no state of a dead letter.")); };
    constexpr std::array states{LetterState::open, LetterState::replaying, LetterState::replayed, LetterState::edited,
                                LetterState::purged};
    const auto root = message.value ? json::Object::parse(*message.value) : std::nullopt;
    if (!root) return wrong();
    auto id = root->text("messageId");
    const auto state = root->text("state");
    auto run = root->text("run");
    auto letters = letters_of(*root);
    if (!id || !state || !run || !letters) return wrong();
    LetterMark mark{.id = std::move(*id), .letters = std::move(*letters)};
    mark.run = std::move(*run);
    mark.order = order_of(message);
    if (const auto published = root->integer("published")) {
        mark.published = Timestamp{std::chrono::milliseconds{*published}};
    }
    bool is_known = false;
    for (const auto known : states) {
        if (*state != name(known)) continue;
        mark.state = known;
        is_known = true;
    }
    if (!is_known || message.key != key_of(mark)) return wrong();
    if (root->has("payload")) {
        const auto payload = root->text("payload");
        if (payload) mark.payload = from_base64(*payload);
        if (!mark.payload) return wrong();
    }
    return mark;
}

}  // namespace productd
