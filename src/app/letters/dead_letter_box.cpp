// Reads letters and marks into one index. Calls the log, the letter reader and the event decoder.
#include "app/letters/dead_letter_box.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <unordered_map>

#include "app/events/event.hpp"
#include "app/letters/dead_letter_fold.hpp"

namespace productd {

namespace {

constexpr std::size_t messages_at_once = 16;
constexpr std::size_t shown_bytes_max = 256;
constexpr std::size_t candidates_max = 8;

/// By what cannot go wrong, as clocks can: how often the message was replayed, then by where they are.
bool is_later(const LetterEntry& one, const LetterEntry& other) {
    return std::tie(one.replays, one.letter.source, one.letter.offset) >
           std::tie(other.replays, other.letter.source, other.letter.offset);
}

}  // namespace

LetterPlaces places_of(const LetterEntry& entry) {
    LetterPlaces places{{entry.letter.source.partition, entry.letter.offset}};
    for (const auto& [partition, offset] : entry.earlier) {
        auto& last = places.try_emplace(partition, offset).first->second;
        last = std::max(last, offset);
    }
    return places;
}

std::int32_t partitions_of(const ReadUpTo& read, const std::string& topic) {
    return static_cast<std::int32_t>(
        std::ranges::count(read, topic, [](const auto& entry) -> const std::string& { return entry.first.topic; }));
}

Result<Event> decode_as_worker(const TopicNames& names, const Message& message) {
    const auto kind = names.kind_of(message.position.source.topic);
    if (!kind) {
        return fail(Errc::failed_precondition, message.position.source.topic + " is no topic that changes come from.");
    }
    return decode_event(*kind, message, message.position.time, message.position.time);
}

Task<ReadUpTo> for_each_message(MessageLog& log, std::string topic, std::function<void(const Message&)> visit) {
    auto topics = co_await log.describe({topic});
    if (!topics) co_return fail(std::move(topics).error());
    ReadUpTo read_up_to;
    for (const auto& info : *topics) {
        if (info.topic != topic) continue;
        for (const auto& partition : info.partitions) {
            const TopicPartition source{topic, partition.partition};
            auto& next = read_up_to[source] = partition.begin;
            while (next < partition.end) {
                const auto given_up = (co_await asio::this_coro::cancellation_state).cancelled();
                if (given_up != asio::cancellation_type::none)
                    co_return fail(Errc::cancelled, "The reading was ended.");
                auto messages = co_await log.read(source, next, messages_at_once);
                if (!messages && messages.error().code == Errc::out_of_range) {
                    co_return fail(unavailable("The dead letters are being purged; try again."));
                }
                if (!messages) co_return fail(std::move(messages).error());
                if (messages->empty()) break;
                for (const auto& message : *messages) visit(message);
                next = messages->back().position.offset + 1;
            }
        }
    }
    co_return read_up_to;
}

/// Builds the box while the topics are read.
class DeadLetterIndexing {
public:
    DeadLetterIndexing(DeadLetterBox& box, const TopicNames& names) : box_(box), names_(names) {}

    void add_letter(const Message& message) {
        auto entry = entry_of(message);
        const auto [found, is_new] = by_id_.try_emplace(entry.id, box_.entries_.size());
        if (is_new) {
            box_.entries_.push_back(std::move(entry));
            return;
        }
        auto& known = box_.entries_[found->second];
        if (is_later(entry, known)) std::swap(entry, known);
        known.letters += entry.letters;
        std::ranges::move(entry.earlier, std::back_inserter(known.earlier));
        known.earlier.push_back({entry.letter.source.partition, entry.letter.offset});
    }

    void add_mark(const Message& message) {
        auto mark = read_mark(message);
        const auto found = mark ? by_id_.find(mark->id) : by_id_.end();
        if (found == by_id_.end()) return;
        const bool has_payload = mark->payload.has_value();
        mark->payload.reset();
        marks_[found->second].push_back({std::move(*mark), message.position, has_payload});
    }

    void end() {
        for (const auto& [index, marks] : marks_) {
            auto& entry = box_.entries_[index];
            const auto folded = fold(marks, places_of(entry));
            entry.published = folded.published;
            entry.edit = folded.edit;
            // A letter that its replay did not know is the proof of that replay; also when nobody noted its end.
            if (folded.was_replayed) note_return(entry);
            if (!folded.state) continue;
            entry.state = *folded.state;
            entry.came_back = false;
        }
        sort();
    }

private:
    void sort() {
        const auto rank = [this](const LetterEntry& entry) {
            const auto kind = names_.kind_of(entry.origin.source.topic);
            return std::tuple(kind ? static_cast<std::size_t>(*kind) : change_kinds, entry.origin.source,
                              entry.origin.offset, entry.origin.time);
        };
        std::ranges::sort(box_.entries_, {}, rank);
    }

    static void note_return(LetterEntry& entry) {
        entry.state = LetterState::replayed;
        entry.came_back = true;
    }

    LetterEntry entry_of(const Message& message) const {
        LetterEntry entry{.id = to_string(message.position), .origin = message.position};
        entry.letter = message.position;
        entry.letters = 1;
        auto letter = read_dead_letter(message.value.value_or(""));
        if (!letter) {
            entry.damaged = true;
            entry.sent = message.position.time;
            entry.code = "damaged";
            entry.error = letter.error().detail;
            entry.key = message.key.value_or("").substr(0, shown_bytes_max);
            entry.payload_bytes = static_cast<std::int64_t>(message.value.value_or("").size());
            return entry;
        }
        entry.id = to_string(letter->origin);
        entry.origin = letter->origin;
        const bool is_possible = is_believable(letter->origin.time, letter->first_failure);
        entry.sent = is_possible ? letter->origin.time : letter->first_failure;
        entry.code = letter->code;
        entry.error = letter->error.substr(0, shown_bytes_max);
        entry.key = letter->key.value_or("").substr(0, shown_bytes_max);
        entry.attempts = letter->attempts;
        entry.replays = letter->replays;
        if (entry.replays > 0) note_return(entry);  // Also when its marks were purged.
        entry.payload_bytes = letter->payload_bytes;
        entry.truncated = letter->truncated;
        if (const auto event = decode_as_worker(names_, original(*letter))) entry.product = event->change.id;
        return entry;
    }

    DeadLetterBox& box_;
    const TopicNames& names_;
    std::unordered_map<std::string, std::size_t> by_id_;
    std::unordered_map<std::size_t, std::vector<NotedMark>> marks_;  ///< By entry.
};

Task<DeadLetterBox> DeadLetterBox::read(MessageLog& log, TopicNames names) {
    DeadLetterBox box;
    DeadLetterIndexing indexing(box, names);
    auto letters =
        co_await for_each_message(log, names.dead_letters, [&](const Message& m) { indexing.add_letter(m); });
    if (!letters) co_return fail(std::move(letters).error());
    auto marks =
        co_await for_each_message(log, names.dead_letter_states, [&](const Message& m) { indexing.add_mark(m); });
    if (!marks) co_return fail(std::move(marks).error());
    box.read_up_to_ = std::move(*letters);
    box.read_up_to_.merge(*marks);
    indexing.end();
    co_return box;
}

Result<std::size_t> DeadLetterBox::find(std::string_view prefix) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i].id == prefix) return i;
        if (entries_[i].id.starts_with(prefix)) found.push_back(i);
    }
    const std::string given(prefix);
    if (found.size() == 1) return found.front();
    if (found.empty()) {
        return fail(Errc::not_found,
                    "There is no dead letter " + given + "; `productd dlq list` shows those there are.");
    }
    std::string candidates;
    for (std::size_t i = 0; i < std::min(found.size(), candidates_max); ++i)
        candidates += "\n  " + entries_[found[i]].id;
    if (found.size() > candidates_max) candidates += "\n  …";
    return fail(Errc::failed_precondition,
                "More than one dead letter begins with " + given + "; name one of them:" + candidates);
}

Task<ReadLetter> whole_letter(MessageLog& log, LetterEntry entry) {
    auto messages = co_await log.read(entry.letter.source, entry.letter.offset, 1);
    if (!messages && messages.error().code == Errc::out_of_range) messages = std::vector<Message>();
    if (!messages) co_return fail(std::move(messages).error());
    if (messages->empty()) co_return fail(Errc::data_loss, "The letter was purged meanwhile.");
    auto letter = read_dead_letter(messages->front().value.value_or(""));
    if (!letter) co_return fail(std::move(letter).error());
    if (!entry.edit) co_return std::move(*letter);
    auto marks = co_await log.read(entry.edit->source, entry.edit->offset, 1);
    if (!marks) co_return fail(std::move(marks).error());
    auto mark = marks->empty() ? fail(invalid("The edited payload is gone.")) : read_mark(marks->front());
    if (!mark) co_return fail(std::move(mark).error());
    letter->payload = std::move(mark->payload);
    letter->truncated = false;
    letter->payload_bytes = static_cast<std::int64_t>(letter->payload.value_or("").size());
    co_return std::move(*letter);
}

}  // namespace productd
