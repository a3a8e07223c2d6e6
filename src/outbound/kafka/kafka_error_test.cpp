// What a caller reads of a failing Kafka, and what only the log has.
#include <gmock/gmock.h>

#include "fakes/operators_words.hpp"
#include "outbound/kafka/kafka_client.hpp"

namespace productd {
namespace {

using testing::HasSubstr;

TEST(KafkaError, WhatIsTheOperatorsStandsInTheCauseAlone) {
    for (int code = RD_KAFKA_RESP_ERR__BEGIN; code < RD_KAFKA_RESP_ERR_END_ALL; ++code) {
        const auto error = kafka_error(static_cast<rd_kafka_resp_err_t>(code), "said by 10.0.0.7:9092");
        EXPECT_TRUE(is_for_callers(error.detail)) << code << ": " << error.detail;
        EXPECT_THAT(error.cause, HasSubstr("said by")) << code;
    }
    EXPECT_THAT(kafka_error(RD_KAFKA_RESP_ERR__QUEUE_FULL).cause, HasSubstr("Kafka.BufferBytesMax"));
    EXPECT_THAT(kafka_error(RD_KAFKA_RESP_ERR__TRANSPORT).cause, HasSubstr("Kafka.Brokers"));
    EXPECT_THAT(kafka_error(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART).cause, HasSubstr("productd topics create"));
    EXPECT_THAT(kafka_error(RD_KAFKA_RESP_ERR__SSL).cause, HasSubstr("Kafka.TlsCaFile"));
}

}  // namespace
}  // namespace productd
