// Reads on a thread of the pool; waits there for the writer. Calls SqliteChangeReader.
#include "outbound/sqlite/store/sqlite_change_feed.hpp"

namespace productd {

namespace {

constexpr std::size_t reads_waiting_max = 256;

}  // namespace

SqliteChangeFeed::SqliteChangeFeed(SqliteFile file, std::shared_ptr<SqliteStoreChanges::Told> told)
    : file_(std::move(file)), told_(std::move(told)), pool_("feed of changes", 2, reads_waiting_max, "store-feed") {}

SqliteChangeFeed::~SqliteChangeFeed() { told_->end(); }

Task<FeedPage> SqliteChangeFeed::changes(std::optional<FeedPosition> after, FeedBounds most, Deadline wait_until,
                                         CallContext context) {
    std::optional<SqliteFeedPosition> from;
    if (after) {
        auto parsed = SqliteFeedPosition::parse(*after);
        if (!parsed) co_return fail(std::move(parsed).error());
        if (parsed->incarnation != told_->incarnation()) {
            co_return fail(Errc::out_of_range,
                           "This position is of another store, or of before a restore: begin anew.");
        }
        from = *parsed;
    }
    auto call = [this, from, most, wait_until, deadline = context.deadline]() -> Result<FeedPage> {
        if (std::chrono::steady_clock::now() >= deadline) return fail(time_is_over());
        return read(from, most, std::min(wait_until, deadline));
    };
    co_return co_await offload(pool_, std::move(call));
}

Result<FeedPage> SqliteChangeFeed::read(const std::optional<SqliteFeedPosition>& after, FeedBounds most,
                                        Deadline wait_until) {
    auto reader = take_reader();
    if (!reader) return fail(std::move(reader).error());
    auto page = after ? (*reader)->read(*after, most) : (*reader)->begin(told_->incarnation(), most);
    const bool is_quiet = page && page->changes.empty() && page->is_end && !page->is_snapshot;
    if (is_quiet && std::chrono::steady_clock::now() < wait_until) {
        const auto end = SqliteFeedPosition::parse(page->next);
        told_->wait(end->number, wait_until);
        page = (*reader)->read(*end, most);
    }
    const std::scoped_lock lock(mutex_);
    free_readers_.push_back(std::move(*reader));
    return page;
}

Result<std::unique_ptr<SqliteChangeReader>> SqliteChangeFeed::take_reader() {
    std::unique_lock lock(mutex_);
    if (!free_readers_.empty()) {
        auto reader = std::move(free_readers_.back());
        free_readers_.pop_back();
        return reader;
    }
    lock.unlock();
    auto opened = SqliteChangeReader::open(file_);
    if (!opened) return fail(std::move(opened).error());
    return std::make_unique<SqliteChangeReader>(std::move(*opened));
}

}  // namespace productd
