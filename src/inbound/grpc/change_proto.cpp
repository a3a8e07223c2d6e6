// Writes a message at a time. Calls the generated code, and product_proto.
#include "inbound/grpc/change_proto.hpp"

#include "app/feed/change_cause.hpp"

namespace productd {

namespace {

using WatchMessage = proto::ProductChange;

grpc::ByteBuffer message_of(const ProductChange& change, WatchMessage::MessageKind kind, WatchedBodies bodies) {
    WatchMessage message;
    message.set_kind(kind);
    message.set_position(change.position.text);
    message.set_productid(change.id.hex());
    if (const auto known = version(change.latest)) message.set_version(known->value);
    if (const auto time = time_of_change(change.latest)) write(*time, *message.mutable_time());
    if (const auto cause = message_of_change(change.latest)) {
        message.mutable_cause()->set_topic(cause->source.topic);
        message.mutable_cause()->set_partition(cause->source.partition);
        message.mutable_cause()->set_offset(cause->offset);
    }
    const auto* stored = std::get_if<StoredProduct>(&change.latest);
    message.set_deleted(stored == nullptr);
    if (stored && bodies == WatchedBodies::whole) write(stored->product, *message.mutable_product());
    return serialized(message);
}

grpc::ByteBuffer mark_at(const FeedPosition& position, WatchMessage::MessageKind kind) {
    WatchMessage message;
    message.set_kind(kind);
    message.set_position(position.text);
    return serialized(message);
}

}  // namespace

WatchQuestion read(const proto::WatchReq& request) {
    WatchQuestion question;
    if (!request.since().empty()) question.since = FeedPosition{request.since()};
    if (request.withoutproducts()) question.bodies = WatchedBodies::left_out;
    if (request.untilend()) question.ends = WatchEnds::up_to_date;
    return question;
}

std::vector<grpc::ByteBuffer> messages_of(const FeedPage& page, WatchedBodies bodies, WatchMark mark) {
    const auto kind = page.is_snapshot ? WatchMessage::SNAPSHOT : WatchMessage::CHANGE;
    std::vector<grpc::ByteBuffer> messages;
    messages.reserve(page.changes.size() + 1);
    for (const auto& change : page.changes) messages.push_back(message_of(change, kind, bodies));
    if (page.is_snapshot && page.is_end) messages.push_back(mark_at(page.next, WatchMessage::SNAPSHOT_END));
    if (mark == WatchMark::up_to_date) messages.push_back(mark_at(page.next, WatchMessage::UP_TO_DATE));
    return messages;
}

Error watch_error(Error error) {
    if (error.code == Errc::out_of_range) error.detail += " Call Watch without Since for a snapshot first.";
    if (error.code == Errc::invalid_argument && error.violations.empty()) {
        error.violations.push_back({"Since", "position", error.detail});
    }
    return error;
}

}  // namespace productd
