// Between librdkafka's messages and ours.
#pragma once

#include "app/ports/message_log.hpp"
#include "outbound/kafka/kafka_client.hpp"

namespace productd {

/// A copy of everything. A message without a time, which Kafka tells as -1, has the time 0.
Message message_of(const rd_kafka_message_t& raw);
/// The time Kafka is to keep with a record: 0 would mean "now" to librdkafka, so it is -1, "none".
std::int64_t kafka_time(Timestamp time);
/// The headers, to be given away with the record; nothing when there are none.
rd_kafka_headers_t* kafka_headers(const Headers& headers);
/// Gives librdkafka a record that has a partition, without a copy of its bytes: it must stay until its report, which
/// brings `opaque`, or until this fails.
Result<> hand_record(rd_kafka_t* client, rd_kafka_topic_t* topic, const Record& record, void* opaque);

}  // namespace productd
