// Reads requests of the admin socket and writes its answers. Calls Boost.JSON and translates its exceptions here.
#include "inbound/admin/admin_json.hpp"

#include <boost/json.hpp>
#include <stdexcept>

#include "codec/base64.hpp"

namespace productd::admin_json {

namespace {

namespace json = boost::json;

/// What `read` makes of the body; Boost.JSON throws at a member that is missing or of another type.
template <class Read>
auto understood(std::string_view body, Read read) -> Result<decltype(read(json::value()))> {
    try {
        return read(json::parse(json::string_view(body.data(), body.size())));
    } catch (const std::exception& error) {
        return fail(
            {Errc::invalid_argument, "The request to the admin socket is not what it should be.", {}, error.what()});
    }
}

std::string text_of(const json::value& value) {
    const auto& text = value.as_string();
    return {text.data(), text.size()};
}

std::optional<std::string> bytes_of(const json::value& value) {
    if (value.is_null()) return std::nullopt;
    auto bytes = from_base64(text_of(value));
    if (!bytes) throw std::invalid_argument("not base64");
    return bytes;
}

Record record_of(const json::value& value) {
    Record record;
    record.topic = text_of(value.at("topic"));
    if (!value.at("partition").is_null()) record.partition = value.at("partition").to_number<std::int32_t>();
    record.key = bytes_of(value.at("key"));
    record.value = bytes_of(value.at("value"));
    for (const auto& header : value.at("headers").as_array()) {
        record.headers.push_back({bytes_of(header.at("name")).value(), bytes_of(header.at("value")).value()});
    }
    record.time = Timestamp(std::chrono::milliseconds(value.at("time").as_int64()));
    return record;
}

json::value bytes(const std::optional<std::string>& text) {
    return text ? json::value(json::string(base64(*text))) : json::value(nullptr);
}

json::object json_of(const Error& error) { return {{"code", name(error.code)}, {"detail", error.detail}}; }

json::object json_of(const Position& position) {
    return {{"topic", position.source.topic},
            {"partition", position.source.partition},
            {"offset", position.offset},
            {"time", position.time.time_since_epoch().count()}};
}

json::object json_of(const Message& message) {
    auto object = json_of(message.position);
    object["key"] = bytes(message.key);
    object["value"] = bytes(message.value);
    json::array headers;
    for (const auto& header : message.headers) {
        headers.push_back(json::object{{"name", base64(header.name)}, {"value", base64(header.value)}});
    }
    object["headers"] = std::move(headers);
    return object;
}

json::object json_of(const TopicInfo& topic) {
    json::array partitions;
    for (const auto& partition : topic.partitions) {
        partitions.push_back(
            json::object{{"partition", partition.partition}, {"begin", partition.begin}, {"end", partition.end}});
    }
    return {{"topic", topic.topic}, {"partitions", std::move(partitions)}};
}

template <class Items, class Write>
std::string array_text(const Items& items, Write write) {
    json::array array;
    array.reserve(items.size());
    for (const auto& item : items) array.push_back(write(item));
    return json::serialize(array);
}

}  // namespace

Result<std::vector<Record>> records(std::string_view body) {
    return understood(body, [](const json::value& root) {
        std::vector<Record> found;
        for (const auto& record : root.as_array()) found.push_back(record_of(record));
        return found;
    });
}

Result<std::vector<TopicSpec>> topic_specs(std::string_view body) {
    return understood(body, [](const json::value& root) {
        std::vector<TopicSpec> found;
        for (const auto& topic : root.as_array()) {
            found.push_back({text_of(topic.at("topic")), topic.at("partitions").to_number<std::int32_t>()});
        }
        return found;
    });
}

Result<Trim> trim(std::string_view body) {
    return understood(body, [](const json::value& root) {
        return Trim{{text_of(root.at("topic")), root.at("partition").to_number<std::int32_t>()},
                    root.at("before").as_int64()};
    });
}

std::string text(const Error& error) { return json::serialize(json_of(error)); }

std::string text(const std::vector<Result<Position>>& outcomes) {
    return array_text(outcomes, [](const Result<Position>& outcome) {
        if (!outcome) return json::object{{"error", json_of(outcome.error())}};
        return json::object{{"position", json_of(*outcome)}};
    });
}

std::string text(const std::vector<Message>& messages) {
    return array_text(messages, [](const Message& message) { return json_of(message); });
}

std::string text(const std::vector<TopicInfo>& topics) {
    return array_text(topics, [](const TopicInfo& topic) { return json_of(topic); });
}

std::string text(const std::vector<std::string>& names) {
    return array_text(names, [](const std::string& topic) { return json::value(topic); });
}

std::string text(const std::vector<Stored>& stored) {
    return array_text(stored, [](const Stored& one) {
        if (std::holds_alternative<Nothing>(one)) return json::object{{"kind", "nothing"}};
        json::array fences;
        for (const auto& fence : history(one)->fences.entries()) {
            fences.push_back(json_of(Position{fence.source, fence.offset, fence.read_up_to}));
        }
        json::object object{{"version", version(one)->value}, {"fences", std::move(fences)}};
        if (const auto* tombstone = std::get_if<Tombstone>(&one)) {
            object["kind"] = "tombstone";
            object["id"] = tombstone->id.hex();
            object["createdAt"] = object["updatedAt"] = tombstone->deleted_at.time_since_epoch().count();
        } else {
            const auto& product = std::get<StoredProduct>(one).product;
            object["kind"] = "product";
            object["id"] = product.id.hex();
            object["createdAt"] = product.created_at.time_since_epoch().count();
            object["updatedAt"] = product.updated_at.time_since_epoch().count();
            if (const auto& deleted_at = history(one)->deleted_at) {
                object["deletedAt"] = deleted_at->time_since_epoch().count();
            }
        }
        return object;
    });
}

std::string text(const std::vector<std::pair<TopicPartition, Commit>>& commits) {
    return array_text(commits, [](const std::pair<TopicPartition, Commit>& entry) {
        const auto& [source, commit] = entry;
        return json::object{{"topic", source.topic},
                            {"partition", source.partition},
                            {"offset", commit.offset},
                            {"metadata", commit.metadata}};
    });
}

}  // namespace productd::admin_json
