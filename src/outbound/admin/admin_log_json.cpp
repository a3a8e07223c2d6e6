// Writes requests to the admin socket and reads its answers.
#include "outbound/admin/admin_log_json.hpp"

#include "codec/json/json_members.hpp"
#include "codec/json/json_writer.hpp"

namespace productd::admin_log_json {

namespace {

Error not_understood() {
    return {Errc::internal, "The running service answered something else; stop it, and start this version."};
}

template <class T>
Result<T> understood(std::optional<T> read) {
    if (read) return std::move(*read);
    return fail(not_understood());
}

TopicPartition source_of(json::Members& members) { return {members.text("topic"), members.int32("partition")}; }

Position position_of(json::Members& members) {
    auto source = source_of(members);
    return {std::move(source), members.integer("offset"), members.milliseconds("time")};
}

Error error_of(json::Members& members) {
    Error error{members.needed(errc_named(members.text("code"))), members.text("detail")};
    if (members.has("cause")) error.cause = members.text("cause");
    return error;
}

Message message_of(json::Members& members) {
    Message message{position_of(members), members.bytes("key"), members.bytes("value"), {}};
    members.named_bytes("headers", [&](const std::string& name, const std::string& value) {
        message.headers.push_back({name, value});
    });
    return message;
}

TopicInfo topic_of(json::Members& members) {
    TopicInfo topic{members.text("topic"), {}};
    topic.partitions = members.objects("partitions", [](json::Members& range) {
        return PartitionInfo{range.int32("partition"), range.integer("begin"), range.integer("end")};
    });
    return topic;
}

Found found_of(json::Members& members) {
    const auto kind = members.text("kind");
    if (kind == "nothing") return Nothing{};
    if (kind == "unreadable") return fail(members.object("error", error_of));
    auto fences = members.objects("fences", [](json::Members& fence) {
        const auto position = position_of(fence);
        return Fence{position.source, position.offset, position.time};
    });
    const auto id = members.needed(ProductId::parse(members.text("id")));
    const Version version{members.integer("version")};
    History history{.fences = Fences(std::move(fences)), .digest = std::nullopt, .deleted_at = std::nullopt};
    if (kind == "tombstone") return Tombstone{id, version, members.milliseconds("updatedAt"), std::move(history)};
    if (members.has("deletedAt")) history.deleted_at = members.milliseconds("deletedAt");
    Product product{.id = id};
    product.version = version;
    product.created_at = members.milliseconds("createdAt");
    product.updated_at = members.milliseconds("updatedAt");
    return StoredProduct{std::move(product), std::move(history)};
}

}  // namespace

std::string text(const Record& record) {
    std::string out;
    {
        json::ObjectWriter object(out);
        object.text("topic", record.topic);
        object.bytes("key", record.key);
        object.bytes("value", record.value);
        if (record.partition) object.number("partition", *record.partition);
        if (!record.partition) object.null("partition");
        json::append_array(object.member("headers"), record.headers, [&](const Header& header) {
            json::ObjectWriter pair(out);
            pair.bytes("name", header.name);
            pair.bytes("value", header.value);
        });
        object.milliseconds("time", record.time);
    }
    return out;
}

std::string text(const std::vector<TopicSpec>& specs) {
    std::string out;
    json::append_array(out, specs, [&](const TopicSpec& spec) {
        json::ObjectWriter object(out);
        object.text("topic", spec.topic);
        object.number("partitions", spec.partitions);
    });
    return out;
}

std::string trim_text(const TopicPartition& source, std::int64_t before) {
    std::string out;
    {
        json::ObjectWriter object(out);
        object.text("topic", source.topic);
        object.number("partition", source.partition);
        object.number("before", before);
    }
    return out;
}

Result<std::vector<Result<Position>>> outcomes(std::string_view answer) {
    return understood(json::read_objects(answer, [](json::Members& members) -> Result<Position> {
        if (members.has("error")) return fail(members.object("error", error_of));
        return members.object("position", position_of);
    }));
}

Result<std::vector<Message>> messages(std::string_view answer) {
    return understood(json::read_objects(answer, message_of));
}

Result<std::vector<TopicInfo>> topics(std::string_view answer) {
    return understood(json::read_objects(answer, topic_of));
}

Result<std::vector<Found>> stored(std::string_view answer) { return understood(json::read_objects(answer, found_of)); }

Result<std::vector<std::string>> names(std::string_view answer) { return understood(json::parse_texts(answer)); }

Result<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string_view answer) {
    return understood(json::read_objects(answer, [](json::Members& members) {
        auto source = source_of(members);
        return std::pair{std::move(source), Commit{members.integer("offset"), members.text("metadata")}};
    }));
}

Error error(std::string_view answer) { return json::read_object(answer, error_of).value_or(not_understood()); }

}  // namespace productd::admin_log_json
