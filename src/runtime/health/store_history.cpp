// Sentences on a store that is gone or old, and on a log that is gone. Calls log and store.
#include "runtime/health/store_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "outbound/kafka/kafka_commit_mark.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::seconds between_looks{10};

Error missing(std::string what, const std::string& why) {
    return {Errc::data_loss,
            std::move(what),
            {},
            why + " Stop the service and run `productd rebuild`, or put the right file back."};
}

/// Each instance of a group with files of their own has what it applied itself: no rebuild helps who is one of several.
Error gone(Committed committed) {
    switch (committed) {
        case Committed::by_this_one:
            return missing(
                "Products are missing: the store that the event log's commits rest on is gone.",
                "store.db is not the store that was there: that is gone, and with it what was applied to it.");
        case Committed::by_a_group:
            return missing("Products are missing: the store that the event log's commits rest on is another.",
                           "store.db is not the store that was there. Where another instance of the group has that "
                           "one: run one alone, or all with store: mongodb. Where it is gone, and with it what was "
                           "applied to it:");
    }
    std::unreachable();
}

Result<> check_history(const StoreMark& behind_commits, const std::optional<StoreMark>& now, Committed committed) {
    if (now && now->has(behind_commits)) return {};
    if (!now || now->incarnation != behind_commits.incarnation) return fail(gone(committed));
    return fail(
        missing(fmt::format("Products are missing: the store lacks {} changes that the event log calls applied.",
                            behind_commits.changes - now->changes),
                "store.db is older than the event log's commits."));
}

}  // namespace

/// Of several the one that lacks most says it: partitions that had nothing to commit rest on an earlier state.
Result<> check_history(const std::vector<StoreMark>& behind_commits, const std::optional<StoreMark>& now,
                       Committed committed) {
    const auto is_ours = [&](const StoreMark& mark) { return now && mark.incarnation == now->incarnation; };
    const auto worst = std::ranges::max_element(
        behind_commits, {}, [&](const StoreMark& mark) { return std::pair(!is_ours(mark), mark.changes); });
    if (worst == behind_commits.end()) return {};
    return check_history(*worst, now, committed);
}

Result<> check_log(const std::optional<StoreMark>& behind_commits, const std::optional<StoreMark>& now) {
    if (behind_commits || !now || now->changes == 0) return {};
    return fail(Error{Errc::data_loss,
                      "Accepted messages may be missing: the event log is not the one that the products came by.",
                      {},
                      "log.db was gone: with it messages that were accepted and not yet applied, dead letters, and "
                      "what `productd rebuild` reads. If it can be put back, stop the service and do so now, for what "
                      "a new one takes is lost then. Where the bus was Kafka until now, nothing is missing."});
}

Task<std::vector<StoreMark>> stores_behind(MessageLog& log, std::string group) {
    std::vector<StoreMark> stores;
    if (const auto of_log = log.store_behind_commits()) stores.push_back(*of_log);
    auto commits = co_await log.commits(std::move(group));
    if (!commits) co_return fail(std::move(commits).error());
    for (auto& [source, commit] : *commits) {
        if (const auto store = marked_commit(std::move(commit)).store) stores.push_back(*store);
    }
    co_return stores;
}

Task<> StoreHistory::begin() {
    store_.hold_mark(true);
    if (committed_ == Committed::by_a_group) co_return co_await rest();  // It may be away: the first check looks.
    found_of_log_ = check_log(log_.store_behind_commits(), store_.mark());
    if (!found_of_log_) {
        const auto& error = found_of_log_.error();
        log::warn("Accepted messages may be missing", {{"error", error.detail}, {"cause", error.cause}});
    }
    auto looked = co_await look();
    if (!looked || !*found_) co_return looked;  // The log goes on remembering the store that is missing.
    co_return co_await rest();
}

Task<> StoreHistory::rest() {
    co_return co_await log_.rest_on([&store = store_] { return store.mark().value_or(StoreMark{}); });
}

/// Asks the log, and says so in a line once something is found missing. Fails where the log does not tell.
Task<> StoreHistory::look() {
    auto behind_commits = co_await stores_behind(log_, group_);
    if (!behind_commits) co_return fail(std::move(behind_commits).error());
    auto found = check_history(*behind_commits, store_.mark(), committed_);
    if (!found && (!found_ || *found_)) {
        log::error("Products are missing", {{"error", found.error().detail}, {"cause", found.error().cause}});
    }
    store_.hold_mark(!found);
    found_ = std::move(found);
    next_look_ = std::chrono::steady_clock::now() + between_looks;
    co_return Result<>{};
}

Task<> StoreHistory::check() {
    if (!found_ || std::chrono::steady_clock::now() >= next_look_) {
        auto looked = co_await look();
        if (!looked && !found_) {
            auto error = std::move(looked).error();
            error.detail.insert(0, "Whether the store has what the event log's commits rest on is not known yet: ");
            co_return fail(std::move(error));
        }
    }
    co_return *found_ ? found_of_log_ : *found_;
}

Readiness::Weight StoreHistory::weight() const {
    return found_ && *found_ ? Readiness::Weight::degrading : Readiness::Weight::essential;
}

}  // namespace productd
