// Takes calls from the queue, writes them together, hands out their outcomes. Calls the store's file and the log.
#include "outbound/sqlite/store/sqlite_store_writer.hpp"

#include "async/thread_name.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t products_per_transaction_max = 4'096;

/// Upkeep begins after a pause of this length, so that it does not stand between one write and the next.
constexpr auto pause_before_upkeep = 50ms;
/// And goes on step by step, leaving room for readers of the disk.
constexpr auto pause_within_upkeep = 5ms;
/// With nothing else to do tombstones are looked at this often, and as often under load that leaves no pauses.
constexpr auto purge_round = 30s;

void warn(const Error& error) {
    log::warn("the upkeep of the store failed; it is tried again later",
              {{"error", error.detail}, {"cause", error.cause}});
}

}  // namespace

SqliteStoreWriter::SqliteStoreWriter(SqliteStoreFile file, SqliteStoreWriterSettings settings)
    : file_(std::move(file)), settings_(std::move(settings)), thread_([this] {
          name_this_thread("store-writer");
          run();
      }) {}

SqliteStoreWriter::~SqliteStoreWriter() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    file_.checkpoint();
}

Task<SqliteStoreWriter::Outcomes> SqliteStoreWriter::write(std::vector<ProductWrite> writes, Deadline deadline) {
    if (writes.empty()) co_return Outcomes();
    co_return co_await submit(std::move(writes), deadline);
}

Task<> SqliteStoreWriter::check() {
    if (healthy_) co_return Result<>();
    auto probed = co_await submit({}, Deadline::max());
    if (!probed) co_return fail(std::move(probed).error());
    co_return Result<>();
}

Task<SqliteStoreWriter::Outcomes> SqliteStoreWriter::submit(std::vector<ProductWrite> writes, Deadline deadline) {
    auto start = [this, writes = std::move(writes), deadline](Answer<Outcomes> answer) mutable {
        Call call{std::move(writes), deadline, std::move(answer)};
        if (!enqueue(call)) {
            call.deliver(fail(Errc::resource_exhausted, "Too many changes wait for the store: try again later."));
        }
    };
    co_return co_await answered<Outcomes>(std::move(start));
}

SqliteStoreCounts SqliteStoreWriter::counts() const {
    const std::scoped_lock lock(mutex_);
    return counts_;
}

/// A call larger than the whole queue is let in when nothing else waits.
bool SqliteStoreWriter::enqueue(Call& call) {
    {
        const std::scoped_lock lock(mutex_);
        if (counts_.queued > 0 && counts_.queued + call.writes.size() > settings_.queue_max) return false;
        counts_.queued += call.writes.size();
        queue_.push_back(std::move(call));
    }
    wake_.notify_one();
    return true;
}

void SqliteStoreWriter::run() {
    for (;;) {
        auto calls = next_calls();
        if (!calls.empty()) {
            commit(calls);
            if (std::chrono::steady_clock::now() - last_purge_ > purge_round) purge();
            continue;
        }
        const std::unique_lock lock(mutex_);
        if (stopping_ && queue_.empty()) return;
    }
}

/// Waits for calls, and looks after the file in the pauses. Returns none also when the writer is to end.
std::vector<SqliteStoreWriter::Call> SqliteStoreWriter::next_calls() {
    std::unique_lock lock(mutex_);
    const auto is_called = [this] { return stopping_ || !queue_.empty(); };
    while (!wake_.wait_for(lock, next_upkeep_, is_called)) {
        lock.unlock();
        upkeep();
        lock.lock();
    }
    std::vector<Call> calls;
    std::size_t products = 0;
    while (!queue_.empty() && products < products_per_transaction_max) {
        products += queue_.front().writes.size();
        calls.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    counts_.queued -= products;
    lock.unlock();
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(calls, [now](const Call& call) {
        if (now < call.deadline) return false;
        call.deliver(fail(time_is_over()));
        return true;
    });
    return calls;
}

void SqliteStoreWriter::commit(const std::vector<Call>& calls) {
    std::vector<const ProductWrite*> writes;
    for (const auto& call : calls) {
        for (const auto& write : call.writes) writes.push_back(&write);
    }
    Result<Outcomes> outcomes;
    if (writes.empty()) {
        auto probed = file_.probe();
        if (!probed) outcomes = fail(std::move(probed).error());
    } else {
        outcomes = file_.write(writes, settings_.now());
        next_upkeep_ = pause_before_upkeep;
    }
    note(outcomes, writes.size());
    auto next = outcomes ? outcomes->begin() : Outcomes::iterator();
    for (auto& call : calls) {
        if (!outcomes) {
            call.deliver(fail(outcomes.error()));
            continue;
        }
        const auto count = static_cast<std::ptrdiff_t>(call.writes.size());
        call.deliver(Outcomes(std::make_move_iterator(next), std::make_move_iterator(next + count)));
        next += count;
    }
    tend_wal();
}

void SqliteStoreWriter::note(const Result<Outcomes>& outcomes, std::size_t products) {
    {
        const std::scoped_lock lock(mutex_);
        counts_.transactions += outcomes.has_value();
        counts_.failures += !outcomes;
        if (outcomes) counts_.products += products;
    }
    if (healthy_.exchange(outcomes.has_value()) != outcomes.has_value()) {
        outcomes ? log::info("the store can be written again")
                 : log::error("the store cannot be written",
                              {{"error", outcomes.error().detail}, {"cause", outcomes.error().cause}});
    }
}

void SqliteStoreWriter::tend_wal() {
    const auto bytes = file_.tend_wal();
    const std::scoped_lock lock(mutex_);
    counts_.wal_bytes = bytes;
}

/// One small step: tombstones whose time is over, then segments of the search index.
void SqliteStoreWriter::upkeep() {
    bool more = purge();
    if (!more) {
        auto merged = file_.merge();
        more = merged && *merged;
        if (!merged) warn(merged.error());
    }
    tend_wal();
    next_upkeep_ = more ? std::chrono::milliseconds(pause_within_upkeep) : std::chrono::milliseconds(purge_round);
}

/// True when there is more to purge.
bool SqliteStoreWriter::purge() {
    last_purge_ = std::chrono::steady_clock::now();
    auto purged = file_.purge(settings_.now() - settings_.tombstone_ttl);
    if (!purged) warn(purged.error());
    return purged && *purged;
}

}  // namespace productd
