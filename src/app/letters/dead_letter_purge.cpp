// Three steps: free letters, free marks of letters that are gone, mark the rest. Calls the log.
#include "app/letters/dead_letter_purge.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "app/letters/dead_letter_fold.hpp"

namespace productd {

namespace {

constexpr std::size_t step_records_max = 500;
constexpr std::size_t step_bytes_max = 1 << 20;
constexpr std::int64_t tidied_min = 100;

class Purge {
public:
    Purge(MessageLog& log, TopicNames names, const DeadLetterBox& box, const std::vector<std::string>& chosen,
          std::string run, Timestamp now)
        : log_(log),
          names_(std::move(names)),
          box_(box),
          chosen_(chosen.begin(), chosen.end()),
          run_(std::move(run)),
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
        auto topics = co_await log_.describe({topic});
        if (!topics) co_return fail(std::move(topics).error());
        const auto found = std::ranges::find(*topics, topic, &TopicInfo::topic);
        co_return found == topics->end() ? std::vector<PartitionInfo>() : found->partitions;
    }

    /// A letter that came after the index was made is not in it: nothing beyond what was read is dropped.
    Task<> free_letters() {
        auto ends = box_.read_up_to();
        for (const auto& entry : box_.entries()) {
            if (chosen_.contains(entry.id) || entry.state == LetterState::purged) continue;
            auto& end = ends[entry.letter.source];
            end = std::min(end, entry.letter.offset);
        }
        auto found = co_await partitions(names_.dead_letters);
        if (!found) co_return fail(std::move(found).error());
        for (const auto& partition : *found) {
            const TopicPartition source{names_.dead_letters, partition.partition};
            const auto before = ends[source];
            freed_[partition.partition] = std::max(before, partition.begin);
            if (before <= partition.begin) continue;
            auto trimmed = co_await log_.trim(source, before);
            if (!trimmed) co_return trimmed;
            report_.letters_freed += before - partition.begin;
        }
        for (const auto& entry : box_.entries()) {
            if (is_standing(entry)) standing_.insert(entry.id);
        }
        co_return Result<>{};
    }

    /// Whether any letter of this id is left: letters without a key may be in several partitions.
    bool is_standing(const LetterEntry& entry) {
        const auto is_left = [&](std::int32_t partition, std::int64_t offset) { return offset >= freed_[partition]; };
        if (is_left(entry.letter.source.partition, entry.letter.offset)) return true;
        return std::ranges::any_of(entry.earlier,
                                   [&](const LetterPlace& place) { return is_left(place.partition, place.offset); });
    }

    /// Which marks still say something. Nothing beyond what is read here is dropped: others write marks meanwhile.
    Task<> note_marks() {
        std::map<std::string, std::vector<NotedMark>> by_id;
        auto read = co_await for_each_message(log_, names_.dead_letter_states, [&](const Message& message) {
            begins_.try_emplace(message.position.source, message.position.offset);
            auto mark = read_mark(message);
            if (!mark) return;
            if (is_of_later_letters(*mark)) keep(message.position);
            const bool has_payload = mark->payload.has_value();
            mark->payload.reset();
            by_id[mark->id].push_back({std::move(*mark), message.position, has_payload});
        });
        if (!read) co_return fail(std::move(read).error());
        state_ends_ = std::move(*read);
        for (const auto& entry : box_.entries()) {
            const auto marks = by_id.find(entry.id);
            if (marks == by_id.end() || !standing_.contains(entry.id)) continue;
            for (const auto& position : fold(marks->second, places_of(entry)).needed) keep(position);
        }
        co_return Result<>{};
    }

    /// Of letters that came after the index was made.
    bool is_of_later_letters(const LetterMark& mark) const {
        return std::ranges::any_of(mark.letters, [&](const auto& letter) {
            const auto read = box_.read_up_to().find({names_.dead_letters, letter.first});
            return read == box_.read_up_to().end() || letter.second >= read->second;
        });
    }

    void keep(const Position& position) { live_[position.source].insert(position.offset); }

    /// Moves the marks that still count to the end of their partition, some at a time, and drops what is before. Others
    /// may write marks meanwhile: a moved one keeps its order, so it does not pass them.
    Task<> compact(TopicPartition source, std::int64_t end) {
        const auto begin = begins_.contains(source) ? begins_.at(source) : end;
        const auto& kept_offsets = live_[source];
        const auto live = static_cast<std::int64_t>(kept_offsets.size());
        // Rewriting what is mostly alive frees nothing.
        if (end - begin < 2 * live) co_return Result<>{};
        for (auto next = begin; next < end;) {
            auto messages = co_await log_.read(source, next, step_records_max);
            if (!messages && messages.error().code == Errc::out_of_range) {
                co_return fail(unavailable("Another command purges at this moment; run again."));
            }
            if (!messages) co_return fail(std::move(messages).error());
            if (messages->empty()) break;
            std::vector<Record> kept;
            std::size_t bytes = 0;
            for (auto& message : *messages) {
                if (message.position.offset >= end || bytes > step_bytes_max) break;
                next = message.position.offset + 1;
                if (!kept_offsets.contains(message.position.offset)) continue;
                bytes += message.value->size();
                kept.push_back(moved_mark(std::move(message)));
            }
            auto written = co_await write(std::move(kept));
            if (!written) co_return written;
            auto trimmed = co_await log_.trim(source, next);
            if (!trimmed) co_return trimmed;
        }
        report_.marks_freed += end - begin - live;
        co_return Result<>{};
    }

    Task<> mark_rest() {
        const auto partitions = partitions_of(box_.read_up_to(), names_.dead_letter_states);
        std::vector<Record> records;
        for (const auto& entry : box_.entries()) {
            if (!standing_.contains(entry.id) || !chosen_.contains(entry.id)) continue;
            if (entry.state == LetterState::purged) continue;
            LetterMark mark{.id = entry.id, .state = LetterState::purged, .letters = places_of(entry)};
            mark.run = run_;
            records.push_back(encode_mark(names_.dead_letter_states, partitions, mark, now_));
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
    const DeadLetterBox& box_;
    std::set<std::string> chosen_;
    std::string run_;
    Timestamp now_;
    PurgeReport report_;
    std::map<std::int32_t, std::int64_t> freed_;             ///< By partition: letters below are gone.
    std::set<std::string> standing_;                         ///< Ids of letters that are still there.
    std::map<TopicPartition, std::set<std::int64_t>> live_;  ///< The marks that still count.
    ReadUpTo begins_;                                        ///< By partition: the first mark.
    ReadUpTo state_ends_;                                    ///< How far the marks were read.
};

std::int64_t size_of(const std::vector<TopicInfo>& topics, const std::string& name) {
    std::int64_t size = 0;
    for (const auto& topic : topics) {
        if (topic.topic != name) continue;
        for (const auto& partition : topic.partitions) size += partition.end - partition.begin;
    }
    return size;
}

}  // namespace

Task<PurgeReport> tidy_letters(MessageLog& log, TopicNames names, const DeadLetterBox& box, Timestamp now) {
    auto topics = co_await log.describe({names.dead_letters, names.dead_letter_states});
    if (!topics) co_return fail(std::move(topics).error());
    const auto enough = 2 * static_cast<std::int64_t>(box.entries().size()) + tidied_min;
    const bool is_due = size_of(*topics, names.dead_letters) >= enough ||  //
                        size_of(*topics, names.dead_letter_states) >= enough;
    if (!is_due) co_return PurgeReport{};
    Purge purge(log, std::move(names), box, {}, {}, now);
    auto report = co_await purge.run();
    co_return report;
}

Task<PurgeReport> purge_letters(MessageLog& log, TopicNames names, const DeadLetterBox& box,
                                std::vector<std::string> chosen, std::string run, Timestamp now) {
    Purge purge(log, std::move(names), box, chosen, std::move(run), now);
    auto report = co_await purge.run();
    co_return report;
}

}  // namespace productd
