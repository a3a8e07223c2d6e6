// Writes requests to the admin socket and reads its answers. Calls Boost.JSON and translates its exceptions here.
#include "outbound/admin/admin_log_json.hpp"

#include <boost/json.hpp>
#include <stdexcept>

#include "codec/base64.hpp"

namespace productd::admin_log_json {

namespace {

namespace json = boost::json;

Error not_understood(const char* cause) {
    return {Errc::internal, "The running service answered something else; stop it, and start this version.", {}, cause};
}

/// Each item of the answered array as `read` makes it; Boost.JSON throws at a member that is missing or of another
/// type.
template <class Read>
auto each(std::string_view answer, Read read) -> Result<std::vector<decltype(read(json::value()))>> {
    try {
        const auto root = json::parse(json::string_view(answer.data(), answer.size()));
        std::vector<decltype(read(root))> items;
        for (const auto& item : root.as_array()) items.push_back(read(item));
        return items;
    } catch (const std::exception& failure) {
        return fail(not_understood(failure.what()));
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

TopicPartition source_of(const json::value& value) {
    return {text_of(value.at("topic")), value.at("partition").to_number<std::int32_t>()};
}

Position position_of(const json::value& value) {
    return {source_of(value), value.at("offset").as_int64(),
            Timestamp(std::chrono::milliseconds(value.at("time").as_int64()))};
}

Error error_of(const json::value& value) {
    const auto given = text_of(value.at("code"));
    for (int code = 0; code <= static_cast<int>(Errc::unauthenticated); ++code) {
        if (given == name(static_cast<Errc>(code))) return {static_cast<Errc>(code), text_of(value.at("detail"))};
    }
    throw std::invalid_argument("unknown code");
}

json::value bytes(const std::optional<std::string>& text) {
    return text ? json::value(json::string(base64(*text))) : json::value(nullptr);
}

}  // namespace

std::string text(const Record& record) {
    json::object object{{"topic", record.topic}, {"key", bytes(record.key)}, {"value", bytes(record.value)}};
    object["partition"] = record.partition ? json::value(*record.partition) : json::value(nullptr);
    json::array headers;
    for (const auto& header : record.headers) {
        headers.push_back(json::object{{"name", base64(header.name)}, {"value", base64(header.value)}});
    }
    object["headers"] = std::move(headers);
    object["time"] = record.time.time_since_epoch().count();
    return json::serialize(object);
}

std::string text(const std::vector<TopicSpec>& specs) {
    json::array array;
    for (const auto& spec : specs) {
        array.push_back(json::object{{"topic", spec.topic}, {"partitions", spec.partitions}});
    }
    return json::serialize(array);
}

std::string trim_text(const TopicPartition& source, std::int64_t before) {
    return json::serialize(json::object{{"topic", source.topic}, {"partition", source.partition}, {"before", before}});
}

Result<std::vector<Result<Position>>> outcomes(std::string_view answer) {
    return each(answer, [](const json::value& item) -> Result<Position> {
        if (const auto* refused = item.as_object().if_contains("error")) return fail(error_of(*refused));
        return position_of(item.at("position"));
    });
}

Result<std::vector<Message>> messages(std::string_view answer) {
    return each(answer, [](const json::value& item) {
        Message message{position_of(item), bytes_of(item.at("key")), bytes_of(item.at("value")), {}};
        for (const auto& header : item.at("headers").as_array()) {
            message.headers.push_back({bytes_of(header.at("name")).value(), bytes_of(header.at("value")).value()});
        }
        return message;
    });
}

Result<std::vector<TopicInfo>> topics(std::string_view answer) {
    return each(answer, [](const json::value& item) {
        TopicInfo topic{text_of(item.at("topic")), {}};
        for (const auto& partition : item.at("partitions").as_array()) {
            topic.partitions.push_back({partition.at("partition").to_number<std::int32_t>(),
                                        partition.at("begin").as_int64(), partition.at("end").as_int64()});
        }
        return topic;
    });
}

Result<std::vector<Stored>> stored(std::string_view answer) {
    return each(answer, [](const json::value& item) -> Stored {
        const auto kind = text_of(item.at("kind"));
        if (kind == "nothing") return Nothing{};
        std::vector<Fence> fences;
        for (const auto& fence : item.at("fences").as_array()) {
            const auto position = position_of(fence);
            fences.push_back({position.source, position.offset, position.time});
        }
        const auto time = [&](const char* name) {
            return Timestamp(std::chrono::milliseconds(item.at(name).as_int64()));
        };
        const auto id = ProductId::parse(text_of(item.at("id"))).value();
        const Version version{item.at("version").as_int64()};
        History history{.fences = Fences(std::move(fences)), .digest = std::nullopt, .deleted_at = std::nullopt};
        if (kind == "tombstone") return Tombstone{id, version, time("updatedAt"), std::move(history)};
        if (item.as_object().contains("deletedAt")) history.deleted_at = time("deletedAt");
        Product product{.id = id};
        product.version = version;
        product.created_at = time("createdAt");
        product.updated_at = time("updatedAt");
        return StoredProduct{std::move(product), std::move(history)};
    });
}

Result<std::vector<std::string>> names(std::string_view answer) {
    return each(answer, [](const json::value& item) { return text_of(item); });
}

Result<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string_view answer) {
    return each(answer, [](const json::value& item) {
        return std::pair{source_of(item), Commit{item.at("offset").as_int64(), text_of(item.at("metadata"))}};
    });
}

Error error(std::string_view answer) {
    try {
        return error_of(json::parse(json::string_view(answer.data(), answer.size())));
    } catch (const std::exception& failure) {
        return not_understood(failure.what());
    }
}

}  // namespace productd::admin_log_json
