// Merges partitions by time and asks what was finished. Calls the scans and the events' codec.
#include "runtime/migrate/unread_messages.hpp"

#include <algorithm>

#include "app/events/replay_headers.hpp"

namespace productd {

namespace {

constexpr std::size_t scan_page_max = 500;

}  // namespace

TopicScan::TopicScan(SqliteLogScan& from, const std::vector<SqliteLogPartition>& partitions) : from_(from) {
    for (const auto& partition : partitions) cursors_.push_back({partition, partition.begin});
}

Result<std::optional<Message>> TopicScan::next() {
    Cursor* earliest = nullptr;
    for (auto& cursor : cursors_) {
        if (cursor.messages.empty() && cursor.next < cursor.partition.end) {
            auto page = from_.page(cursor.partition, cursor.next, scan_page_max);
            if (!page) return fail(std::move(page).error());
            cursor.next = page->empty() ? cursor.partition.end : page->back().position.offset + 1;
            std::ranges::move(*page, std::back_inserter(cursor.messages));
        }
        if (cursor.messages.empty()) continue;
        const auto time = [](const Cursor& of) { return of.messages.front().position.time; };
        if (earliest == nullptr || time(cursor) < time(*earliest)) earliest = &cursor;
    }
    if (earliest == nullptr) return std::nullopt;
    auto message = std::move(earliest->messages.front());
    earliest->messages.pop_front();
    return message;
}

Result<std::int64_t> FinishedByGroup::begin(const SqliteLogPartition& partition) {
    auto commit = log_->commit(group_, partition.id);
    if (!commit) return fail(std::move(commit).error());
    auto& place = places_[partition.source];
    if (!*commit) return partition.begin;
    place.commit = (*commit)->offset;
    const MetadataBounds bounds{.end = partition.end};
    place.above = decode_metadata((*commit)->offset, (*commit)->metadata, bounds).value_or(FinishedAbove{});
    return std::max(partition.begin, place.commit);
}

void FinishedByGroup::note_letter(const std::string& id) {
    const auto position = parse_position(id);
    const auto place = position ? places_.find(position->source) : places_.end();
    if (place != places_.end() && position->offset >= place->second.commit) letters_.insert(id);
}

Result<bool> FinishedByGroup::has(ChangeKind kind, const Message& message, Timestamp now) {
    const auto& position = message.position;
    const auto& place = places_[position.source];
    if (position.offset < place.commit) return true;
    const bool is_above = std::ranges::any_of(place.above.ranges, [&](const auto& range) {
        return position.offset >= range.first && position.offset < range.second;
    });
    // As the worker has it: at a later time the topic was made anew, and this is another message.
    if (is_above && position.time <= place.above.read_up_to) return true;
    if (letters_.contains(to_string(position))) return true;
    const auto event = decode_event(kind, message, position.time, now);
    if (!event) return false;  // There it becomes the dead letter that it would become here.
    if (store_ == nullptr) return false;
    auto found = store_->find(event->change.id);
    if (!found) return fail(std::move(found).error());
    if (!*found) return false;
    const auto* past = history(**found);
    return past != nullptr && past->fences.look_up(position) == Seen::redelivered;
}

Record moved_change(ChangeKind kind, const Message& message, Timestamp now) {
    Record record{
        .key = message.key, .value = message.value, .headers = message.headers, .time = message.position.time};
    if (kind != ChangeKind::create) return record;
    auto event = decode_event(kind, message, message.position.time, now);
    // One and the same payload, published a place further and for the first time.
    Message elsewhere = message;
    elsewhere.headers = lasting_headers(message);
    ++elsewhere.position.offset;
    const auto there = decode_event(kind, elsewhere, message.position.time, now);
    if (event && there && event->change.id != there->change.id) record.value = encode_event({}, *event).value;
    return record;
}

}  // namespace productd
