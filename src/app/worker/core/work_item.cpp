// Reads a message and adds up what it occupies.
#include "app/worker/core/work_item.hpp"

namespace productd {

namespace {

/// A message older than this has a time that tells nothing of how long it waits.
constexpr std::chrono::hours plausible_age_max{24 * 30};

std::chrono::milliseconds age_of(Timestamp time, Timestamp now) {
    const bool is_plausible = time <= now && time > now - plausible_age_max;
    return is_plausible ? now - time : std::chrono::milliseconds{0};
}

std::size_t occupied_by(const Draft& draft) {
    std::size_t bytes = 0;
    for (const auto* text : {&draft.name, &draft.description, &draft.image_url}) bytes += *text ? (*text)->size() : 0;
    if (!draft.photos) return bytes;
    for (const auto& photo : *draft.photos) bytes += sizeof(std::string) + photo.size();
    return bytes;
}

std::size_t occupied_by(const WorkItem& item) {
    const auto& message = item.message;
    auto bytes = sizeof(WorkItem) + occupied_by(item.event.change.draft);
    if (message.key) bytes += message.key->size();
    if (message.value) bytes += message.value->size();
    return bytes + message.headers.bytes() + item.event.wait_id.size();
}

/// Each time it is read it is another span, wherever that happens.
SpanContext processing_of(const WorkItem& item) {
    const auto& caused_by = item.event.trace.context;
    if (!caused_by.is_valid()) return {};
    return child_of(caused_by, static_cast<std::uint64_t>(item.arrival.time_since_epoch().count()) +
                                   static_cast<std::uint64_t>(item.message.position.offset));
}

}  // namespace

ReadItem read_item(const std::shared_ptr<OwnedPartition>& partition, Message message, const Now& now) {
    ReadItem read{std::make_shared<WorkItem>(), std::nullopt};
    auto& item = *read.item;
    item.kind = partition->kind;
    item.partition = partition;
    item.life = partition->tracker.life();
    item.arrival = now.steady;
    item.message = std::move(message);
    item.age_at_arrival = age_of(item.message.position.time, now.wall);
    auto event = decode_event(item.kind, item.message, partition->tracker.read_up_to(), now.wall);
    if (event) {
        item.event = std::move(*event);
    } else {
        read.failure = std::move(event.error());
    }
    item.event.trace.context = trace_of(item.message);  // Also of what cannot be read.
    item.trace = processing_of(item);
    item.bytes = occupied_by(item);
    return read;
}

}  // namespace productd
