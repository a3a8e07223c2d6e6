// Sentences of /readyz on the worker. Calls its counters and the progress of its group.
#include "runtime/health/worker_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/error_text.hpp"

namespace productd {

namespace {

Task<> check_partitions(const MessageWorker& worker, const ProgressWatch& progress) {
    const auto here = worker.assigned_partitions();
    const auto all = progress.partitions();
    if (!here || *here >= all) co_return Result<>{};
    co_return fail(
        unavailable(fmt::format("Another instance of the group has {} of {} partitions and applies their products to a "
                                "store of its own.",
                                all - *here, all),
                    "store: sqlite is for one instance: run one alone, or all with store: mongodb"));
}

}  // namespace

std::chrono::milliseconds oldest_unfinished(const MessageWorker& worker, const ProgressWatch& progress) {
    const auto standstill = progress.longest(std::chrono::steady_clock::now());
    return std::max(worker.oldest_unfinished_age(), standstill ? standstill->lasts : std::chrono::milliseconds{0});
}

Task<> check_progress(const MessageWorker& worker, const ProgressWatch& progress, std::chrono::milliseconds limit) {
    const auto oldest = oldest_unfinished(worker, progress);
    if (oldest <= limit) co_return Result<>{};
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(oldest);
    const auto standstill = progress.longest(std::chrono::steady_clock::now());
    co_return fail(
        unavailable(fmt::format("An event is unfinished for {} s{}.", seconds.count(),
                                standstill ? fmt::format("; {}/{} stands at offset {}", standstill->source.topic,
                                                         standstill->source.partition, standstill->offset)
                                           : ""),
                    "that is longer than Worker.OldestUnfinishedMax allows"));
}

Task<> check_worker(const MessageWorker& worker, const WorkerReport& report) {
    if (!worker.store_is_down()) co_return Result<>{};
    const auto why = report.last_failure().value_or(Error{});
    co_return fail(unavailable("The worker waits for the store.", with_cause(why)));
}

void add_partitions_check(Readiness& readiness, const MessageWorker& worker, const ProgressWatch& progress) {
    readiness.add("partitions", Readiness::Weight::essential, [&] { return check_partitions(worker, progress); });
}

}  // namespace productd
