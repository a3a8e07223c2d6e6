// One line a check. Calls the ports and the worker's checks.
#include "runtime/health/service_checks.hpp"

#include <algorithm>
#include <utility>

#include "runtime/health/worker_checks.hpp"

namespace productd {

namespace {

using Weight = Readiness::Weight;

constexpr const char* store_check = "store";
constexpr const char* cache_check = "cache";

Weight weight_of_store(StoreDown store_down) {
    switch (store_down) {
        case StoreDown::fail: return Weight::essential;
        case StoreDown::degrade: return Weight::degrading;
    }
    std::unreachable();
}

}  // namespace

void add_checks(Readiness& readiness, const CheckedParts& parts, const Config& config) {
    const auto store_weight = weight_of_store(config.health.store_down);
    // While the store is down nothing is finished: that makes the service no less ready than the store's own check.
    const auto progress_weight = [parts, store_weight] {
        const bool is_down = parts.store_health.is_down() || parts.worker.store_is_down();
        return is_down ? store_weight : Weight::essential;
    };
    readiness.add(store_check, store_weight, [parts] { return parts.store.check(); });
    readiness.add("log", Weight::essential, [parts] { return parts.log.check(); });
    readiness.add(cache_check, Weight::degrading, [parts] { return parts.caching.check(); });
    readiness.add("worker", Weight::degrading, [parts] { return check_worker(parts.worker, parts.worker_report); });
    readiness.add("progress", progress_weight, [parts, limit = config.oldest_unfinished_max] {
        return check_progress(parts.worker, parts.progress, limit);
    });
    readiness.add("listeners", Weight::essential, [parts] { return parts.listeners.check(); });
}

bool is_told_by_its_part(std::string_view check) { return check == cache_check; }

void note_store(StoreHealth& health, const Readiness::Report& report) {
    const auto check = std::ranges::find(report.checks, store_check, &CheckResult::name);
    if (check != report.checks.end()) health.note(check->result.has_value());
}

}  // namespace productd
