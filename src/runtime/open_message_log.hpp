// The event log the configuration asks for.
#pragma once

#include <memory>

#include "app/ports/message_log.hpp"
#include "runtime/config/config.hpp"
#include "runtime/health/embedded_metrics.hpp"

namespace productd {

/// Connects to nothing yet with bus: kafka. There, a client that has failed for good ends the process with 1: what it
/// held is delivered again at the next start. `metrics`, if there are any, shall show what the embedded log counts.
Result<std::unique_ptr<MessageLog>> open_message_log(const Config& config, EmbeddedMetrics* metrics = nullptr);

/// Makes the topics on the embedded log. On Kafka, where others may have a say in how they are made, it fails with
/// not_found when one is missing and says what to run; brokers that do not answer are waited for, with a warning.
Task<> prepare_topics(MessageLog& log, const Config& config);

}  // namespace productd
