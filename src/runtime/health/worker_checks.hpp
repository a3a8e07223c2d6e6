// When the worker makes the service not ready, or less than ready.
#pragma once

#include <chrono>

#include "app/health/progress_watch.hpp"
#include "app/worker/message_worker.hpp"

namespace productd {

/// Age of the oldest unfinished event, as the worker knows it or as the log shows it, whichever is more.
std::chrono::milliseconds oldest_unfinished(const MessageWorker& worker, const ProgressWatch& progress);

/// Fails while that is above `limit`.
Task<> check_progress(const MessageWorker& worker, const ProgressWatch& progress, std::chrono::milliseconds limit);

/// Fails while the worker waits for the store.
Task<> check_worker(const MessageWorker& worker);

}  // namespace productd
