// What `productd doctor` says of topics on Kafka.
#pragma once

#include "cli/doctor/doctor_checks.hpp"
#include "outbound/kafka/kafka_examination.hpp"

namespace productd {

/// What an acknowledged write is worth, and what may be lost or stop with one broker.
Findings kafka_findings(const KafkaExamination& kafka, const Config& config);

}  // namespace productd
