// Sentences on a store that is gone or old. Calls log and store once, at the start.
#include "runtime/health/store_history.hpp"

#include <fmt/format.h>

#include "telemetry/log.hpp"

namespace productd {

namespace {

Task<> told(const Result<>& history) { co_return history; }

Error missing(std::string what, const std::string& why) {
    return {Errc::data_loss,
            std::move(what),
            {},
            why + " Stop the service and run `productd rebuild`, or put the right file back."};
}

}  // namespace

Result<> check_history(const std::optional<StoreMark>& behind_commits, const std::optional<StoreMark>& now) {
    if (!behind_commits || (now && now->has(*behind_commits))) return {};
    if (!now || now->incarnation != behind_commits->incarnation) {
        return fail(
            missing("Products are missing: the store that the event log's commits rest on is gone.",
                    "store.db is not the store that was there: that is gone, and with it what was applied to it."));
    }
    return fail(
        missing(fmt::format("Products are missing: the store lacks {} changes that the event log calls applied.",
                            behind_commits->changes - now->changes),
                "store.db is older than the event log's commits."));
}

Task<> take_up(MessageLog& log, const ProductStore& store, Result<>& history) {
    if (!store.mark()) co_return Result<>{};  // A server's, which keeps its own history.
    history = check_history(log.store_behind_commits(), store.mark());
    if (history) co_return co_await log.rest_on([&store] { return store.mark().value_or(StoreMark{}); });
    log::error("Products are missing", {{"error", history.error().detail}, {"cause", history.error().cause}});
    co_return Result<>{};
}

void add_history_check(Readiness& readiness, const Result<>& history) {
    readiness.add("history", Readiness::Weight::essential, [&history] { return told(history); });
}

}  // namespace productd
