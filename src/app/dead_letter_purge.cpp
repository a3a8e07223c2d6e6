// Three steps: free letters, free marks of letters that are gone, mark the rest. Calls the log.
#include "app/dead_letter_purge.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace productd {

namespace {

constexpr std::size_t step_records_max = 500;
constexpr std::size_t step_bytes_max = 1 << 20;

class Purge {
public:
    Purge(MessageLog& log, TopicNames names, std::vector<LetterEntry> entries, const std::vector<std::string>& chosen,
          PurgeSettings settings, Timestamp now)
        : log_(log),
          names_(std::move(names)),
          entries_(std::move(entries)),
          chosen_(chosen.begin(), chosen.end()),
          settings_(std::move(settings)),
          now_(now) {}

    Task<PurgeReport> run() {
        auto letters = co_await free_letters();
        if (!letters) co_return fail(std::move(letters).error());
        auto noted = co_await note_marks();
        if (!noted) co_return fail(std::move(noted).error());
        for (const auto& [source, end] : state_ends_) {
            auto freed = co_await compact(source, end);
            if (!freed) co_return fail(std::move(freed).error());
        }
        auto marked = co_await mark_rest();
        if (!marked) co_return fail(std::move(marked).error());
        co_return report_;
    }

private:
    Task<std::vector<PartitionInfo>> partitions(std::string topic) {
        auto topics = co_await log_.describe();
        if (!topics) co_return fail(std::move(topics).error());
        const auto found = std::ranges::find(*topics, topic, &TopicInfo::topic);
        co_return found == topics->end() ? std::vector<PartitionInfo>() : found->partitions;
    }

    /// A letter that came after the index was made is not in it: nothing beyond the last indexed one is dropped.
    Task<> free_letters() {
        std::map<std::int32_t, std::int64_t> first_open;
        std::map<std::int32_t, std::int64_t> behind_last;
        for (const auto& entry : entries_) {
            const auto partition = entry.letter.source.partition;
            auto& behind = behind_last[partition];
            behind = std::max(behind, entry.letter.offset + 1);
            if (chosen_.contains(entry.id) || is_dealt_with(entry, settings_.replayed_too)) continue;
            const auto [open, is_new] = first_open.try_emplace(partition, entry.letter.offset);
            if (!is_new) open->second = std::min(open->second, entry.letter.offset);
        }
        auto found = co_await partitions(names_.dead_letters);
        if (!found) co_return fail(std::move(found).error());
        for (const auto& partition : *found) {
            const auto open = first_open.find(partition.partition);
            const auto before = open != first_open.end() ? open->second : behind_last[partition.partition];
            const TopicPartition source{names_.dead_letters, partition.partition};
            freed_[partition.partition] = std::max(before, partition.begin);
            if (before <= partition.begin) continue;
            auto trimmed = co_await log_.trim(source, before);
            if (!trimmed) co_return trimmed;
            report_.letters_freed += before - partition.begin;
        }
        for (const auto& entry : entries_) {
            if (entry.letter.offset >= freed_[entry.letter.source.partition]) standing_.insert(entry.id);
        }
        co_return Result<>{};
    }

    /// Where the last mark of each id is. Marks of letters this index does not know may be of newer letters.
    Task<> note_marks() {
        std::set<std::string> known;
        for (const auto& entry : entries_) known.insert(entry.id);
        auto read = co_await for_each_message(log_, names_.dead_letter_states, [&](const Message& message) {
            const auto mark = read_mark(message);
            if (!mark || (known.contains(mark->id) && !standing_.contains(mark->id))) return;
            live_[mark->id] = message.position;
        });
        if (!read) co_return read;
        auto found = co_await partitions(names_.dead_letter_states);
        if (!found) co_return fail(std::move(found).error());
        for (const auto& partition : *found) {
            const TopicPartition source{names_.dead_letter_states, partition.partition};
            state_ends_[source] = {partition.begin, partition.end};
        }
        co_return Result<>{};
    }

    /// Moves the marks that still count to the end of their partition, some at a time, and drops what is before.
    Task<> compact(TopicPartition source, std::pair<std::int64_t, std::int64_t> range) {
        std::int64_t live = 0;
        for (const auto& [id, position] : live_) live += position.source == source ? 1 : 0;
        // Rewriting what is mostly alive frees nothing.
        if ((range.second - range.first) < 2 * live) co_return Result<>{};
        for (auto next = range.first; next < range.second;) {
            auto messages = co_await log_.read(source, next, step_records_max);
            if (!messages) co_return fail(std::move(messages).error());
            if (messages->empty()) break;
            std::vector<Record> kept;
            std::size_t bytes = 0;
            for (auto& message : *messages) {
                if (message.position.offset >= range.second || bytes > step_bytes_max) break;
                next = message.position.offset + 1;
                const auto mark = read_mark(message);
                const auto last = mark ? live_.find(mark->id) : live_.end();
                if (last == live_.end() || last->second != message.position) continue;
                bytes += message.value->size();
                kept.push_back(moved(std::move(message)));
            }
            auto written = co_await write(std::move(kept));
            if (!written) co_return written;
            auto trimmed = co_await log_.trim(source, next);
            if (!trimmed) co_return trimmed;
        }
        report_.marks_freed += range.second - range.first - live;
        co_return Result<>{};
    }

    static Record moved(Message message) {
        Record record{.topic = message.position.source.topic,
                      .partition = message.position.source.partition,
                      .key = std::move(message.key),
                      .value = std::move(message.value),
                      .headers = std::move(message.headers),
                      .time = message.position.time};
        std::erase_if(record.headers, [](const Header& header) { return header.name == purge_header; });
        record.headers.push_back({purge_header, "1"});
        return record;
    }

    Task<> mark_rest() {
        std::vector<Record> records;
        for (const auto& entry : entries_) {
            if (!standing_.contains(entry.id) || !chosen_.contains(entry.id)) continue;
            if (entry.state == LetterState::purged) continue;
            LetterMark mark{.id = entry.id, .state = LetterState::purged, .letter_time = entry.letter.time};
            mark.run = settings_.run;
            records.push_back(encode_mark(names_.dead_letter_states, mark, now_));
            ++report_.marked;
            if (records.size() < step_records_max) continue;
            auto written = co_await write(std::exchange(records, {}));
            if (!written) co_return written;
        }
        auto written = co_await write(std::move(records));
        co_return written;
    }

    Task<> write(std::vector<Record> records) {
        if (records.empty()) co_return Result<>{};
        auto outcomes = co_await log_.publish(std::move(records));
        if (!outcomes) co_return fail(std::move(outcomes).error());
        for (auto& outcome : *outcomes) {
            if (!outcome) co_return fail(std::move(outcome).error());
        }
        co_return Result<>{};
    }

    MessageLog& log_;
    TopicNames names_;
    std::vector<LetterEntry> entries_;
    std::set<std::string> chosen_;
    PurgeSettings settings_;
    Timestamp now_;
    PurgeReport report_;
    std::map<std::int32_t, std::int64_t> freed_;  ///< By partition: letters below are gone.
    std::set<std::string> standing_;              ///< Ids of letters that are still there.
    std::map<std::string, Position> live_;        ///< The last mark of each id that counts.
    std::map<TopicPartition, std::pair<std::int64_t, std::int64_t>> state_ends_;
};

}  // namespace

Task<PurgeReport> purge_letters(MessageLog& log, TopicNames names, std::vector<LetterEntry> entries,
                                std::vector<std::string> chosen, PurgeSettings settings, Timestamp now) {
    Purge purge(log, std::move(names), std::move(entries), chosen, std::move(settings), now);
    auto report = co_await purge.run();
    co_return report;
}

}  // namespace productd
