// Reads requests of the admin socket and writes its answers.
#include "inbound/admin/admin_json.hpp"

#include "codec/json/json_members.hpp"
#include "codec/json/json_writer.hpp"
#include "domain/enumerators.hpp"

namespace productd::admin_json {

namespace {

template <class T>
Result<T> understood(std::optional<T> read) {
    if (read) return std::move(*read);
    return fail(Errc::invalid_argument, "The request to the admin socket is not what it should be.");
}

std::optional<std::chrono::milliseconds> level_time(std::int64_t milliseconds) {
    const std::chrono::milliseconds time(milliseconds);
    if (time < log::level_time_min || time > log::level_time_max) return std::nullopt;
    return time;
}

Record record_of(json::Members& members) {
    Record record;
    record.topic = members.text("topic");
    if (!members.is_null("partition")) record.partition = members.int32("partition");
    record.key = members.bytes("key");
    record.value = members.bytes("value");
    members.named_bytes(
        "headers", [&](const std::string& name, const std::string& value) { record.headers.push_back({name, value}); });
    record.time = members.milliseconds("time");
    return record;
}

void append_error(std::string& out, const Error& error) {
    json::ObjectWriter object(out);
    object.text("code", name(error.code));
    object.text("detail", error.detail);
    if (!error.cause.empty()) object.text("cause", error.cause);  // Whoever may use this socket runs the service.
}

void add_source(json::ObjectWriter& object, const TopicPartition& source) {
    object.text("topic", source.topic);
    object.number("partition", source.partition);
}

void add_position(json::ObjectWriter& object, const Position& position) {
    add_source(object, position.source);
    object.number("offset", position.offset);
    object.milliseconds("time", position.time);
}

void append_outcome(std::string& out, const Result<Position>& outcome) {
    json::ObjectWriter object(out);
    if (!outcome) return append_error(object.member("error"), outcome.error());
    json::ObjectWriter position(object.member("position"));
    add_position(position, *outcome);
}

void append_message(std::string& out, const Message& message) {
    json::ObjectWriter object(out);
    add_position(object, message.position);
    object.bytes("key", message.key);
    object.bytes("value", message.value);
    json::append_array(object.member("headers"), message.headers, [&](const Header& header) {
        json::ObjectWriter pair(out);
        pair.bytes("name", header.name);
        pair.bytes("value", header.value);
    });
}

void append_topic(std::string& out, const TopicInfo& topic) {
    json::ObjectWriter object(out);
    object.text("topic", topic.topic);
    json::append_array(object.member("partitions"), topic.partitions, [&](const auto& partition) {
        json::ObjectWriter range(out);
        range.number("partition", partition.partition);
        range.number("begin", partition.begin);
        range.number("end", partition.end);
    });
}

void append_found(std::string& out, const Found& found) {
    json::ObjectWriter object(out);
    if (!found) {
        object.text("kind", "unreadable");
        return append_error(object.member("error"), found.error());
    }
    const auto& stored = *found;
    if (std::holds_alternative<Nothing>(stored)) return object.text("kind", "nothing");
    object.number("version", version(stored)->value);
    json::append_array(object.member("fences"), history(stored)->fences.entries(), [&](const Fence& fence) {
        json::ObjectWriter position(out);
        add_position(position, {fence.source, fence.offset, fence.read_up_to});
    });
    if (const auto* tombstone = std::get_if<Tombstone>(&stored)) {
        object.text("kind", "tombstone");
        object.text("id", tombstone->id.hex());
        object.milliseconds("createdAt", tombstone->deleted_at);
        object.milliseconds("updatedAt", tombstone->deleted_at);
        return;
    }
    const auto& product = std::get<StoredProduct>(stored).product;
    object.text("kind", "product");
    object.text("id", product.id.hex());
    object.milliseconds("createdAt", product.created_at);
    object.milliseconds("updatedAt", product.updated_at);
    if (const auto& deleted_at = history(stored)->deleted_at) object.milliseconds("deletedAt", *deleted_at);
}

template <class Items, class Append>
std::string array_text(const Items& items, Append append) {
    std::string out;
    json::append_array(out, items, [&](const auto& item) { append(out, item); });
    return out;
}

}  // namespace

Result<std::vector<Record>> records(std::string_view body) { return understood(json::read_objects(body, record_of)); }

Result<std::vector<TopicSpec>> topic_specs(std::string_view body) {
    return understood(json::read_objects(
        body, [](json::Members& members) { return TopicSpec{members.text("topic"), members.int32("partitions")}; }));
}

Result<Trim> trim(std::string_view body) {
    return understood(json::read_object(body, [](json::Members& members) {
        return Trim{{members.text("topic"), members.int32("partition")}, members.integer("before")};
    }));
}

Result<log::LevelNow> level(std::string_view body) {
    return understood(json::read_object(body, [](json::Members& members) {
        log::LevelNow level;
        level.level = members.needed(enumerator_named<log::Level>(members.text("level")));
        if (members.has("milliseconds")) level.left = members.needed(level_time(members.integer("milliseconds")));
        return level;
    }));
}

std::string text(const log::LevelNow& level) {
    std::string out;
    {
        json::ObjectWriter object(out);
        object.text("level", log::name(level.level));
        if (level.left) object.number("milliseconds", level.left->count());
        if (level.left) object.text("then", log::name(level.then));
    }
    return out;
}

std::string text(const Error& error) {
    std::string out;
    append_error(out, error);
    return out;
}

std::string text(const std::vector<Result<Position>>& outcomes) { return array_text(outcomes, append_outcome); }
std::string text(const std::vector<Message>& messages) { return array_text(messages, append_message); }
std::string text(const std::vector<TopicInfo>& topics) { return array_text(topics, append_topic); }
std::string text(const std::vector<Found>& stored) { return array_text(stored, append_found); }
std::string text(const std::vector<std::string>& names) {
    return array_text(names, [](std::string& out, const std::string& topic) { json::append_string(out, topic); });
}

std::string text(const std::vector<std::pair<TopicPartition, Commit>>& commits) {
    return array_text(commits, [](std::string& out, const std::pair<TopicPartition, Commit>& entry) {
        json::ObjectWriter object(out);
        add_source(object, entry.first);
        object.number("offset", entry.second.offset);
        object.text("metadata", entry.second.metadata);
    });
}

}  // namespace productd::admin_json
