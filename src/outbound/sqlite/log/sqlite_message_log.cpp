// The MessageLog port over one SQLite file. Calls the writer for everything that changes, index and reader for the
// rest.
#include "outbound/sqlite/log/sqlite_message_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "outbound/sqlite/log/sqlite_log_format.hpp"
#include "outbound/sqlite/log/sqlite_log_subscription.hpp"

namespace productd {

namespace {

constexpr std::int32_t topic_partitions_max = 1'024;

Result<> acceptable(const TopicSpec& spec) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    if (spec.topic.empty() || spec.topic.size() > 249 || !std::ranges::all_of(spec.topic, allowed)) {
        return fail(invalid("A topic's name has 1 to 249 letters, digits, dots, underscores and hyphens."));
    }
    if (spec.partitions < 1 || spec.partitions > topic_partitions_max) {
        return fail(invalid(fmt::format("A topic has 1 to {} partitions.", topic_partitions_max)));
    }
    return {};
}

/// On the writer's thread, so that two calls do not make the same partition.
Result<std::vector<std::string>> create_now(SqliteLogCore& core, SqliteLogFile& file,
                                            const std::vector<TopicSpec>& topics) {
    std::vector<TopicPartition> missing;
    std::vector<std::string> names;
    for (const auto& spec : topics) {
        const auto there = core.index.partitions_of({spec.topic});
        auto count = there ? static_cast<std::int32_t>(there->size()) : 0;
        for (const auto& planned : missing) count += planned.topic == spec.topic ? 1 : 0;  // Named twice.
        if (count < spec.partitions) names.push_back(spec.topic);
        for (; count < spec.partitions; ++count) missing.push_back({spec.topic, count});
    }
    if (missing.empty()) return names;
    auto ids = file.add(missing);
    if (!ids) return fail(std::move(ids).error());
    std::vector<SqliteLogPartition> added;
    added.reserve(missing.size());
    for (std::size_t i = 0; i < missing.size(); ++i) added.push_back({(*ids)[i], missing[i]});
    core.index.add(added);
    return names;
}

/// Drops a step of what is below `before`, and then takes the next one behind the writes that wait.
void trim_step(SqliteLogCore& core, SqliteLogFile& file, const TopicPartition& source, std::int64_t before,
               const Answer<void>& answer) {
    constexpr std::int64_t step_messages_max = 4'096;
    auto partition = core.index.find(source);
    if (!partition) return answer(fail(std::move(partition).error()));
    if (partition->begin >= before) return answer({});
    const auto next = std::min(before, partition->begin + step_messages_max);
    auto bytes = file.drop(partition->id, partition->begin, next);
    core.writer->note(bytes ? Result<>() : fail(bytes.error()));
    if (!bytes) return answer(fail(std::move(bytes).error()));
    core.index.dropped(partition->id, next, *bytes);
    if (auto used = file.used_bytes()) core.index.room().set_used_bytes(*used);
    if (next == before) return answer({});
    const bool taken = core.writer->run(
        [&core, source, before, answer](SqliteLogFile& again) { trim_step(core, again, source, before, answer); });
    if (!taken) answer(fail(unavailable("The log is closing.")));
}

Timestamp now(const SqliteLogSettings& settings) {
    if (settings.now) return settings.now();
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// Packs what has a place; the results of the others are there already. For the caller's thread, not the writer's.
SqliteLogAppend append_of(SqliteLogCore& core, std::vector<Record> records) {
    SqliteLogAppend append;
    const auto written_at = now(core.settings);
    auto places = core.index.place(records);
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto& record = records[i];
        if (!places[i]) {
            append.results.push_back(fail(std::move(places[i]).error()));
            continue;
        }
        append.results.push_back(Position{});
        auto bytes = pack_log_record(record, written_at);
        append.bytes += static_cast<std::int64_t>(bytes.size());
        auto message = std::make_shared<Message>();
        message->position = {core.index.source_of(*places[i]), 0, record.time};
        message->key = std::move(record.key);
        message->value = std::move(record.value);
        message->headers = std::move(record.headers);
        append.entries.push_back({i, *places[i], std::move(bytes), std::move(message)});
    }
    return append;
}

Result<> load(SqliteLogCore& core, SqliteLogFile& file) {
    auto partitions = file.partitions();
    if (!partitions) return fail(std::move(partitions).error());
    auto commits = file.commits();
    if (!commits) return fail(std::move(commits).error());
    auto readers = file.readers();
    if (!readers) return fail(std::move(readers).error());
    auto used = file.used_bytes();
    if (!used) return fail(std::move(used).error());
    core.store_at_open = file.store_mark();
    core.index.add(*partitions);
    core.index.room().set_used_bytes(*used);
    core.index.room().set_wal_bytes(file.tend_wal());
    core.groups.load(std::move(*commits), std::move(*readers));
    return {};
}

}  // namespace

Result<std::unique_ptr<SqliteMessageLog>> SqliteMessageLog::open(SqliteLogSettings settings) {
    auto core = std::make_shared<SqliteLogCore>(std::move(settings));
    auto file = SqliteLogFile::open(core->settings.path, core->settings.log_bytes_max);
    if (!file) return fail(std::move(file).error());
    if (auto loaded = load(*core, *file); !loaded) return fail(std::move(loaded).error());
    auto reader = SqliteLogReader::open(core->settings.path);
    if (!reader) return fail(std::move(reader).error());
    core->reader = std::move(*reader);
    core->writer = std::make_unique<SqliteLogWriter>(core->settings, std::move(*file), core->index, core->groups);
    return std::unique_ptr<SqliteMessageLog>(new SqliteMessageLog(std::move(core)));
}

SqliteMessageLog::~SqliteMessageLog() { close({}); }

bool SqliteMessageLog::close(Deadline) {
    core_->index.close();
    core_->writer->close();
    return true;
}

Task<std::vector<Result<Position>>> SqliteMessageLog::publish(std::vector<Record> records) {
    auto append = append_of(*core_, std::move(records));
    if (append.entries.empty()) co_return std::move(append.results);
    auto start = [core = core_,
                  append = std::move(append)](const Answer<std::vector<Result<Position>>>& answer) mutable {
        append.done = answer;
        if (auto queued = core->writer->append(std::move(append)); !queued) answer(fail(std::move(queued).error()));
    };
    auto results = co_await answered<std::vector<Result<Position>>>(std::move(start));
    co_return results;
}

std::unique_ptr<Subscription> SqliteMessageLog::subscribe(std::string group, std::vector<std::string> topics,
                                                          asio::any_io_executor executor) {
    return std::make_unique<SqliteLogSubscription>(core_, std::move(group), std::move(topics), std::move(executor));
}

Task<std::vector<Message>> SqliteMessageLog::read(TopicPartition source, std::int64_t from, std::size_t max) {
    auto partition = core_->index.find(source);
    if (!partition) co_return fail(std::move(partition).error());
    if (from < partition->begin || from > partition->end) {
        co_return fail(Errc::out_of_range,
                       fmt::format("The partition {} of {} has the offsets {} to {}, not {}.", source.partition,
                                   source.topic, partition->begin, partition->end, from));
    }
    if (max == 0 || from == partition->end) co_return std::vector<Message>();
    auto messages = co_await core_->reader->read(partition->id, std::move(source), from, partition->end,
                                                 delivery({max}, core_->settings));
    co_return messages;
}

Task<> SqliteMessageLog::trim(TopicPartition source, std::int64_t before) {
    auto partition = core_->index.find(source);
    if (!partition) co_return fail(std::move(partition).error());
    if (before > partition->end) {
        co_return fail(Errc::out_of_range,
                       fmt::format("The partition {} of {} ends at {}; nothing can be dropped up to "
                                   "{}.",
                                   source.partition, source.topic, partition->end, before));
    }
    auto start = [core = core_, source = std::move(source), before](const Answer<void>& answer) {
        const bool taken = core->writer->run([&core = *core, source, before, answer](SqliteLogFile& file) {
            trim_step(core, file, source, before, answer);
        });
        if (!taken) answer(fail(unavailable("The log is closing.")));
    };
    auto trimmed = co_await answered<void>(std::move(start));
    co_return trimmed;
}

Task<std::vector<std::string>> SqliteMessageLog::create(std::vector<TopicSpec> topics) {
    for (const auto& spec : topics) {
        if (auto fine = acceptable(spec); !fine) co_return fail(std::move(fine).error());
    }
    auto work = [&core = *core_, topics = std::move(topics)](SqliteLogFile& file) {
        return create_now(core, file, topics);
    };
    auto names = co_await on_writer<std::vector<std::string>>(*core_, std::move(work));
    co_return names;
}

Task<std::vector<TopicInfo>> SqliteMessageLog::describe(std::vector<std::string>) { co_return core_->index.describe(); }

Task<std::vector<std::pair<TopicPartition, Commit>>> SqliteMessageLog::commits(std::string group) {
    std::vector<std::pair<TopicPartition, Commit>> found;
    for (auto& [partition_id, commit] : core_->groups.committed(group)) {
        found.emplace_back(core_->index.source_of(partition_id), std::move(commit));
    }
    co_return found;
}

std::optional<StoreMark> SqliteMessageLog::store_behind_commits() const { return core_->store_at_open; }

Task<> SqliteMessageLog::rest_on(std::function<StoreMark()> mark) {
    auto work = [mark = std::move(mark)](SqliteLogFile& file) mutable { return file.rest_on(std::move(mark)); };
    co_return co_await on_writer<void>(*core_, std::move(work));
}

Task<> SqliteMessageLog::check() {
    if (core_->index.closed()) co_return fail(unavailable("The log is closed."));
    if (core_->writer->failure()) {
        auto work = [&core = *core_](SqliteLogFile& file) {
            auto probed = file.probe();
            if (!probed) {
                file.checkpoint();  // The WAL may be what fills the disk.
                probed = file.probe();
            }
            core.writer->note(probed);
            return probed;
        };
        auto probed = co_await on_writer<void>(*core_, std::move(work));
        if (!probed) co_return probed;
    }
    co_return core_->index.room().check();
}

SqliteLogCounts SqliteMessageLog::counts() const { return core_->writer->counts(); }

}  // namespace productd
