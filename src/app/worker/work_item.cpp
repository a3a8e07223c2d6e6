// Adds up what a message occupies.
#include "app/worker/work_item.hpp"

namespace productd {

namespace {

std::size_t occupied_by(const Draft& draft) {
    std::size_t bytes = 0;
    for (const auto* text : {&draft.name, &draft.description, &draft.image_url}) bytes += *text ? (*text)->size() : 0;
    if (!draft.photos) return bytes;
    for (const auto& photo : *draft.photos) bytes += sizeof(photo) + photo.size();
    return bytes;
}

}  // namespace

std::size_t occupied_by(const WorkItem& item) {
    const auto& message = item.message;
    auto bytes = sizeof(WorkItem) + occupied_by(item.event.change.draft);
    if (message.key) bytes += message.key->size();
    if (message.value) bytes += message.value->size();
    for (const auto& header : message.headers) bytes += sizeof(Header) + header.name.size() + header.value.size();
    return bytes;
}

}  // namespace productd
