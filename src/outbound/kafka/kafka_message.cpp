// Copies a message of librdkafka with its key, headers and time.
#include "outbound/kafka/kafka_message.hpp"

#include <algorithm>

namespace productd {

namespace {

std::string bytes(const void* begin, std::size_t size) {
    return begin ? std::string(static_cast<const char*>(begin), size) : std::string();
}

/// Calls `take(Header)` for each. A value that is null counts as empty.
template <class Take>
void each_header(const rd_kafka_headers_t& headers, Take take) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(&headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        take(Header{name, value ? std::string_view(static_cast<const char*>(value), size) : std::string_view()});
    }
}

Headers headers_of(const rd_kafka_headers_t& raw) {
    std::size_t bytes = 0;
    each_header(raw, [&](const Header& header) { bytes += Headers::bytes_of(header); });
    Headers headers;
    headers.reserve(bytes);
    each_header(raw, [&](const Header& header) { headers.push_back(header); });
    return headers;
}

}  // namespace

Message message_of(const rd_kafka_message_t& raw) {
    Message message;
    rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const auto time = rd_kafka_message_timestamp(&raw, &kind);
    message.position = {{rd_kafka_topic_name(raw.rkt), raw.partition},
                        raw.offset,
                        Timestamp(std::chrono::milliseconds(std::max<std::int64_t>(time, 0)))};
    if (raw.key != nullptr) message.key = bytes(raw.key, raw.key_len);
    if (raw.payload != nullptr) message.value = bytes(raw.payload, raw.len);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&raw, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) message.headers = headers_of(*headers);
    return message;
}

std::int64_t kafka_time(Timestamp time) {
    const auto ms = time.time_since_epoch().count();
    return ms == 0 ? -1 : ms;
}

rd_kafka_headers_t* kafka_headers(const Headers& headers) {
    if (headers.empty()) return nullptr;
    auto* made = rd_kafka_headers_new(headers.size());
    for (const auto header : headers) {
        rd_kafka_header_add(made, header.name.data(), static_cast<ssize_t>(header.name.size()), header.value.data(),
                            static_cast<ssize_t>(header.value.size()));
    }
    return made;
}

Result<> hand_record(rd_kafka_t* client, rd_kafka_topic_t* topic, const Record& record, void* opaque) {
    std::array<rd_kafka_vu_t, 8> fields{};
    std::size_t count = 0;
    const auto field = [&](rd_kafka_vtype_t type) -> decltype(auto) {
        fields[count].vtype = type;
        return (fields[count++].u);
    };
    const auto bytes = [&](rd_kafka_vtype_t type, const std::optional<std::string>& text) {
        if (text) field(type).mem = {const_cast<char*>(text->data()), text->size()};  // NOLINT: it is only read.
    };
    field(RD_KAFKA_VTYPE_RKT).rkt = topic;
    field(RD_KAFKA_VTYPE_PARTITION).i32 = *record.partition;
    field(RD_KAFKA_VTYPE_TIMESTAMP).i64 = kafka_time(record.time);
    field(RD_KAFKA_VTYPE_OPAQUE).ptr = opaque;
    bytes(RD_KAFKA_VTYPE_KEY, record.key);
    bytes(RD_KAFKA_VTYPE_VALUE, record.value);
    auto* headers = kafka_headers(record.headers);
    if (headers != nullptr) field(RD_KAFKA_VTYPE_HEADERS).headers = headers;
    const KafkaFailure failure(rd_kafka_produceva(client, fields.data(), count));
    if (!failure) return {};
    if (headers != nullptr) rd_kafka_headers_destroy(headers);  // Given away only by success.
    return fail(kafka_error(rd_kafka_error_code(failure.get()), rd_kafka_error_string(failure.get())));
}

}  // namespace productd
