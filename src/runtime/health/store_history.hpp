// Whether the store's file is the one that the log's commits rest on, and the log the one that it was changed through.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "app/health/readiness.hpp"
#include "app/ports/message_log.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"

namespace productd {

/// Who wrote the log's commits: a log that is a file has one reader, one on Kafka a group, of which others may be.
enum class Committed { by_this_one, by_a_group };

/// What the store lacks of what the log calls finished, and what to do; nothing where the log never heard of a store.
/// `now`: nothing where there is no file.
Result<> check_history(const std::vector<StoreMark>& behind_commits, const std::optional<StoreMark>& now,
                       Committed committed);

/// What is lost with a log that was gone: this one never heard of the store, which was changed through another. `now`:
/// nothing where there is no file.
Result<> check_log(const std::optional<StoreMark>& behind_commits, const std::optional<StoreMark>& now);

/// The stores that the group's commits rest on, as far as the log was told: of one that has them all nothing is lost.
Task<std::vector<StoreMark>> stores_behind(MessageLog& log, std::string group);

/// Of a store that is a file, and its log. Belongs to one executor.
class StoreHistory {
public:
    /// Both outlive it. A group's log may be away: nobody waits for it at the start.
    StoreHistory(MessageLog& log, SqliteProductStore& store, std::string group, Committed committed)
        : log_(log), store_(store), group_(std::move(group)), committed_(committed) {}

    /// Before anybody writes or reads: from here on the log's commits rest on the store, but where they rest on what it
    /// lacks. Until it is found to lack nothing its mark is held. Fails where the log does, unless that may be away.
    Task<> begin();
    /// Fails while something is missing, and while nobody knows. Looks again every few seconds, for a group may come to
    /// give us partitions that rest on another's file. Of a log that was gone at this start it tells until the end.
    Task<> check();
    /// What the store lacks can be had again, so it is essential; what went with a log cannot.
    Readiness::Weight weight() const;

private:
    Task<> look();
    Task<> rest();

    MessageLog& log_;
    SqliteProductStore& store_;
    std::string group_;
    Committed committed_;
    std::optional<Result<>> found_;  ///< Nothing before the first answer.
    Result<> found_of_log_;          ///< As it was at the start.
    std::chrono::steady_clock::time_point next_look_;
};

}  // namespace productd
