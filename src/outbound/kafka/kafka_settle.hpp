// Has what a group committed rest on another store, while nobody is in the group.
#pragma once

#include <optional>
#include <string>

#include "app/ports/store_mark.hpp"
#include "async/async.hpp"
#include "outbound/kafka/kafka_log_settings.hpp"

namespace productd {

/// Offsets and what is finished above them stay. Without a store it says only whether it could be done. The brokers
/// take it only while the group is empty: it waits for the sessions of members that were killed, and fails with
/// failed_precondition where others go on. Blocks.
Result<> settle_commits(const KafkaLogSettings& settings, const std::string& group,
                        const std::optional<StoreMark>& store);

}  // namespace productd
