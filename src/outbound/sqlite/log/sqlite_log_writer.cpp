// The queue and the loop of the log's writer. Calls the file, then shows what became durable through index and `done`.
#include "outbound/sqlite/log/sqlite_log_writer.hpp"
#include "app/ports/clock.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "async/thread_name.hpp"

namespace productd {

namespace {

constexpr std::size_t transaction_records_max = 4'096;
constexpr std::int64_t transaction_bytes_max = 8 << 20;

}  // namespace

SqliteLogWriter::SqliteLogWriter(const SqliteLogSettings& settings, SqliteLogFile file, SqliteLogIndex& index,
                                 SqliteLogGroups& groups)
    : settings_(settings),
      file_(std::move(file)),
      index_(index),
      groups_(groups),
      retention_(settings_, file_, index_, groups_),
      retention_due_(Clock::now() + settings.retention_interval),
      thread_([this] {
          name_this_thread("log-writer");
          loop();
      }) {}

Result<> SqliteLogWriter::append(SqliteLogAppend append) {
    const auto records = append.entries.size();
    {
        const std::scoped_lock lock(mutex_);
        if (closing_) return fail(unavailable("The log is closing."));
        const bool full = queued_records_ + records > settings_.queue_records_max ||
                          queued_bytes_ + append.bytes > settings_.queue_bytes_max;
        // A call larger than the whole queue goes through alone instead of never.
        if (full && !appends_.empty()) {
            return fail(Errc::resource_exhausted, "Too many messages wait to be written to the log.");
        }
        queued_records_ += records;
        queued_bytes_ += append.bytes;
        appends_.push_back(std::move(append));
    }
    changed_.notify_one();
    return {};
}

bool SqliteLogWriter::run(Work work) {
    {
        const std::scoped_lock lock(mutex_);
        if (closing_) return false;
        works_.push_back(std::move(work));
    }
    changed_.notify_one();
    return true;
}

void SqliteLogWriter::commit_waits() {
    {
        const std::scoped_lock lock(mutex_);
        if (commits_due_ != Clock::time_point::max()) return;
        commits_due_ = Clock::now() + settings_.commit_delay;
    }
    changed_.notify_one();
}

void SqliteLogWriter::close() {
    const std::scoped_lock once(close_mutex_);
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        closing_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void SqliteLogWriter::loop() {
    for (;;) {
        auto batch = take();
        for (auto& work : batch.works) work(file_);
        if (!batch.appends.empty() || batch.commits || batch.last) write(std::move(batch.appends));
        if (batch.last) break;
        index_.room().set_wal_bytes(file_.tend_wal());
        retain();
    }
    file_.checkpoint();
}

SqliteLogWriter::Batch SqliteLogWriter::take() {
    std::unique_lock lock(mutex_);
    // A loop of its own: commit_waits() moves the time to wait for.
    const auto due = [this] { return std::min(commits_due_, retention_due_); };
    while (!closing_ && appends_.empty() && works_.empty() && Clock::now() < due()) changed_.wait_until(lock, due());
    Batch batch;
    batch.works.swap(works_);
    take_appends(batch);
    batch.commits = Clock::now() >= commits_due_;
    if (batch.commits || !batch.appends.empty()) commits_due_ = Clock::time_point::max();
    batch.last = closing_ && appends_.empty();
    return batch;
}

void SqliteLogWriter::take_appends(Batch& batch) {
    std::size_t records = 0;
    std::int64_t bytes = 0;
    while (!appends_.empty()) {
        auto& next = appends_.front();
        records += next.entries.size();
        bytes += next.bytes;
        if ((records > transaction_records_max || bytes > transaction_bytes_max) && !batch.appends.empty()) return;
        queued_records_ -= next.entries.size();
        queued_bytes_ -= next.bytes;
        batch.appends.push_back(std::move(next));
        appends_.pop_front();
    }
}

void SqliteLogWriter::write(std::vector<SqliteLogAppend> appends) {
    const auto commits = groups_.take_unwritten();
    if (appends.empty() && commits.empty()) return;
    const auto started = Clock::now();
    auto written = write_rows(appends, commits);
    if (!written) {
        if (!failure()) file_.checkpoint();  // The WAL may be what fills the disk.
        note(written);
        groups_.give_back(commits);
        if (!commits.empty()) commit_waits();  // Tried again, whoever publishes or not.
        for (auto& append : appends) append.done(fail(written.error()));
        return;
    }
    note(written);
    show(appends, Clock::now() - started);
    for (auto& append : appends) append.done(std::move(append.results));
}

Result<> SqliteLogWriter::write_rows(std::vector<SqliteLogAppend>& appends,
                                     const std::vector<SqliteLogCommit>& commits) {
    std::map<std::int32_t, std::int64_t> next;
    std::vector<SqliteLogRow> rows;
    for (auto& append : appends) {
        for (auto& entry : append.entries) {
            auto& position = entry.message->position;
            auto [at, is_new] = next.try_emplace(entry.partition_id);
            if (is_new) at->second = index_.end_of(entry.partition_id);
            position.offset = at->second++;
            rows.push_back({entry.partition_id, position.offset, entry.record});
            append.results[entry.index] = position;
        }
    }
    return file_.write(rows, commits);
}

void SqliteLogWriter::show(std::vector<SqliteLogAppend>& appends, std::chrono::nanoseconds took) {
    std::vector<SqliteLogAppended> messages;
    for (auto& append : appends) {
        for (auto& entry : append.entries) {
            messages.push_back({entry.partition_id, static_cast<std::int64_t>(entry.record.size()) + log_row_bytes,
                                std::move(entry.message)});
        }
    }
    if (messages.empty()) return;
    if (auto used = file_.used_bytes()) index_.room().set_used_bytes(*used);
    index_.appended(messages);
    const std::scoped_lock lock(mutex_);
    ++counts_.transactions;
    counts_.records += messages.size();
    counts_.write_time += took;
}

/// One step of retention when it is due; at once again while there is something to drop.
void SqliteLogWriter::retain() {
    if (Clock::now() < retention_due_ && !retention_.pressed()) return;
    index_.room().set_wal_bytes(file_.empty_wal());  // A reader may be gone that kept it from being emptied.
    write({});  // What is dropped must be committed in the file, not in memory alone.
    auto dropped = retention_.step();
    if (!dropped) note(fail(dropped.error()));
    const std::scoped_lock lock(mutex_);
    retention_due_ = dropped.value_or(false) ? Clock::now() : Clock::now() + settings_.retention_interval;
}

void SqliteLogWriter::note(const Result<>& outcome) {
    const std::scoped_lock lock(mutex_);
    if (outcome) {
        failure_.reset();
    } else {
        failure_ = outcome.error();
        ++counts_.failures;
    }
}

std::optional<Error> SqliteLogWriter::failure() const {
    const std::scoped_lock lock(mutex_);
    return failure_;
}

SqliteLogCounts SqliteLogWriter::counts() const {
    const std::scoped_lock lock(mutex_);
    auto counts = counts_;
    counts.queued = queued_records_;
    counts.source_bytes = index_.room().source_bytes();
    counts.source_bytes_max = settings_.log_bytes_max;
    counts.wal_bytes = index_.room().wal_bytes();
    return counts;
}

}  // namespace productd
