// Calls the scans and the codecs of events and dead letters.
#include "runtime/migrate/log_plan.hpp"

#include <algorithm>

#include "codec/json/json_object.hpp"

namespace productd {

namespace {

/// What the letter is of; its own place where it does not say.
std::string id_of_letter(const Message& letter) {
    const auto root = letter.value ? json::Object::parse(*letter.value) : std::nullopt;
    return root ? root->text("messageId").value_or("") : "";
}

Record copy_of(const Message& message) {
    return {.key = message.key, .value = message.value, .headers = message.headers, .time = message.position.time};
}

}  // namespace

std::vector<LogPlan::Topic> LogPlan::topics() const {
    const TopicNames here;
    std::vector<Topic> all{{here.dead_letters, settings_.names.dead_letters, std::nullopt},
                           {here.dead_letter_states, settings_.names.dead_letter_states, std::nullopt, true}};
    for (const auto kind : enumerators<ChangeKind>) all.push_back({here.of(kind), settings_.names.of(kind), kind});
    return all;
}

Result<std::vector<SqliteLogPartition>> LogPlan::partitions(const std::string& topic) {
    auto all = log_.partitions();
    if (all) std::erase_if(*all, [&](const auto& partition) { return partition.source.topic != topic; });
    return all;
}

Result<> LogPlan::read_letters() {
    if (finished_) return {};
    FinishedByGroup finished(log_, store_, settings_.group);
    auto all = log_.partitions();
    if (!all) return fail(std::move(all).error());
    const TopicNames here;
    std::vector<SqliteLogPartition> of_letters;
    for (const auto& partition : *all) {
        if (partition.source.topic == here.dead_letters) of_letters.push_back(partition);
        if (!here.kind_of(partition.source.topic)) continue;
        if (auto begin = finished.begin(partition); !begin) return fail(std::move(begin).error());
    }
    for (TopicScan scan(log_, of_letters);;) {
        auto letter = scan.next();
        if (!letter) return fail(std::move(letter).error());
        if (!*letter) break;
        finished.note_letter(id_of_letter(**letter));
    }
    finished_ = std::move(finished);
    return {};
}

Task<LogPlan::Reading> LogPlan::read(Topic topic) {
    if (auto read = read_letters(); !read) co_return fail(std::move(read).error());
    auto count = co_await partitions_there(topic);
    if (!count) co_return fail(std::move(count).error());
    auto parts = partitions(topic.from);
    if (!parts) co_return fail(std::move(parts).error());
    for (auto& part : *parts) {
        if (!topic.kind) continue;
        auto begin = finished_->begin(part);
        if (!begin) co_return fail(std::move(begin).error());
        part.begin = *begin;
    }
    Reading reading{std::move(topic), *count, TopicScan(log_, *parts)};
    if (!reading.topic.is_states) co_return reading;
    if (auto sorted = read_states(reading); !sorted) co_return fail(std::move(sorted).error());
    co_return reading;
}

Result<std::optional<LogPlan::Wanted>> LogPlan::next(Reading& reading) {
    if (reading.topic.is_states) {
        if (reading.states.empty()) return std::nullopt;
        auto state = std::move(reading.states.front());
        reading.states.pop_front();
        return state;
    }
    const auto& kind = reading.topic.kind;
    for (;;) {
        auto message = reading.messages.next();
        if (!message) return fail(std::move(message).error());
        if (!*message) return std::nullopt;
        auto is_finished = kind ? finished_->has(*kind, **message, settings_.now) : Result<bool>(false);
        if (!is_finished) return fail(std::move(is_finished).error());
        if (*is_finished) {
            ++reading.finished;
            continue;
        }
        const auto& position = (*message)->position;
        auto record = kind ? moved_change(*kind, **message, settings_.now) : copy_of(**message);
        record.topic = reading.topic.to;
        // Without a key its place among the others of its partition is all the order it has.
        if (!record.key && reading.partitions > 0) record.partition = position.source.partition % reading.partitions;
        return Wanted{to_string(position), std::move(record)};
    }
}

/// They name letters by where they are, and the later one counts: by the offset at which it was first written. There
/// are few: a letter has one or two.
Result<> LogPlan::read_states(Reading& reading) {
    std::vector<std::pair<Position, Wanted>> sorted;
    for (;;) {
        auto message = reading.messages.next();
        if (!message) return fail(std::move(message).error());
        if (!*message) break;
        auto place = (*message)->position;
        auto record = copy_of(**message);
        if (auto mark = read_mark(**message)) {
            place.offset = mark->order;
            auto places = places_there(mark->letters);
            if (!places) return fail(std::move(places).error());
            mark->letters = std::move(*places);
            record = encode_mark(reading.topic.to, reading.partitions, *mark, place.time);
        }
        record.topic = reading.topic.to;
        sorted.emplace_back(place, Wanted{to_string((*message)->position), std::move(record)});
    }
    std::ranges::sort(sorted, {}, [](const auto& one) { return std::pair(one.first.source, one.first.offset); });
    for (auto& [place, wanted] : sorted) reading.states.push_back(std::move(wanted));
    return {};
}

/// A dry run needs no topics there.
Task<std::int32_t> LogPlan::partitions_there(Topic topic) {
    if (settings_.dry_run) co_return 1;
    co_return co_await partitions_in_topic(to_, topic.to);
}

Result<LetterPlaces> LogPlan::places_there(const LetterPlaces& here) {
    LetterPlaces there;
    auto parts = partitions(TopicNames().dead_letters);
    if (!parts) return fail(std::move(parts).error());
    for (const auto& [partition, offset] : here) {
        const auto part = std::ranges::find(*parts, partition, [](const auto& one) { return one.source.partition; });
        if (part == parts->end()) continue;
        auto letter = log_.page(*part, offset, 1);
        if (!letter) return fail(std::move(letter).error());
        if (letter->empty() || letter->front().position.offset != offset) continue;  // It was purged.
        for (const auto& moved : letters_there_.of(to_string(letter->front().position))) {
            auto& last = there.try_emplace(moved.partition, moved.offset).first->second;
            last = std::max(last, moved.offset);
        }
    }
    return there;
}

Result<std::uint64_t> LogPlan::unread() {
    if (auto read = read_letters(); !read) return fail(std::move(read).error());
    std::uint64_t unread = 0;
    for (const auto& topic : topics()) {
        auto parts = partitions(topic.from);
        if (!parts) return fail(std::move(parts).error());
        for (const auto& part : *parts) {
            auto begin = topic.kind ? finished_->begin(part) : Result<std::int64_t>(part.end);
            if (!begin) return fail(std::move(begin).error());
            unread += static_cast<std::uint64_t>(part.end - *begin);
        }
    }
    return unread;
}

}  // namespace productd
