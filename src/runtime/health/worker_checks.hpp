// When the worker makes the service not ready, or less than ready.
#pragma once

#include <chrono>

#include "app/health/progress_watch.hpp"
#include "app/health/readiness.hpp"
#include "app/worker/message_worker.hpp"
#include "runtime/metrics/worker_report.hpp"

namespace productd {

/// Age of the oldest unfinished event, as the worker knows it or as the log shows it, whichever is more.
std::chrono::milliseconds oldest_unfinished(const MessageWorker& worker, const ProgressWatch& progress);

/// Fails while that is above `limit`.
Task<> check_progress(const MessageWorker& worker, const ProgressWatch& progress, std::chrono::milliseconds limit);

/// Fails while the worker waits for the store, because of what the store said last.
Task<> check_worker(const MessageWorker& worker, const WorkerReport& report);

/// Of products in a file of this instance's own: not ready while the group has given partitions to other instances,
/// which apply them to files of theirs. Waiting for the group is no failure: nobody has them then.
void add_partitions_check(Readiness& readiness, const MessageWorker& worker, const ProgressWatch& progress);

}  // namespace productd
