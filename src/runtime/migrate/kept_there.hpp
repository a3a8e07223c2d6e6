// Whether the topics on Kafka take and keep what is to be moved there: looked at before anything is written.
#pragma once

#include "outbound/kafka/kafka_examination.hpp"
#include "runtime/migrate/log_plan.hpp"

namespace productd {

/// What is to be moved to one topic.
struct MessageBurden {
    std::uint64_t count = 0;
    std::int64_t bytes = 0;
    std::int64_t largest = 0;  ///< Of one.
    Timestamp oldest = Timestamp::max();
};

/// Fails with failed_precondition where the topic would refuse some of it, drop it before a service has read it, or
/// give it another time; says what to set. A topic that is not there keeps it as the contract's does.
Result<> check_kept(const MessageBurden& burden, const KafkaTopicExamination& topic, Timestamp now);

/// The same of all topics, each read through once.
Task<> check_kept_there(LogPlan& plan, KafkaExamination there, Timestamp now);

}  // namespace productd
