// The checks of /readyz, each with its weight.
#pragma once

#include "app/health/progress_watch.hpp"
#include "app/health/readiness.hpp"
#include "app/ports/message_log.hpp"
#include "app/ports/product_store.hpp"
#include "app/ports/store_health.hpp"
#include "app/worker/message_worker.hpp"
#include "runtime/cache_and_outcomes.hpp"
#include "runtime/config/config.hpp"
#include "runtime/health/listeners_check.hpp"
#include "runtime/metrics/worker_report.hpp"

namespace productd {

/// Whom the checks ask. All outlive them.
struct CheckedParts {
    ProductStore& store;
    MessageLog& log;
    CacheAndOutcomes& caching;
    MessageWorker& worker;
    WorkerReport& worker_report;
    ProgressWatch& progress;
    StoreHealth& store_health;
    ListenersCheck& listeners;
};

void add_checks(Readiness& readiness, const CheckedParts& parts, const Config& config);

/// A check whose part says in the log itself what fails, and what that means: a line of the check would say it again.
bool is_told_by_its_part(std::string_view check);

/// Has `health` say what the store's check has told.
void note_store(StoreHealth& health, const Readiness::Report& report);

}  // namespace productd
