// The newest messages, oldest dropped first. Calls nothing.
#include "outbound/sqlite/log/sqlite_log_tail.hpp"

#include <algorithm>

namespace productd {

std::int64_t memory_bytes(const Message& message) {
    std::size_t bytes = sizeof(Message) + 64;
    if (message.key) bytes += message.key->size();
    if (message.value) bytes += message.value->size();
    bytes += message.headers.bytes();
    return static_cast<std::int64_t>(bytes);
}

void SqliteLogTail::keep(std::int32_t partition_id, MessagePtr message) {
    bytes_ += memory_bytes(*message);
    messages_[partition_id].push_back(std::move(message));
    order_.push_back(partition_id);
    shorten();
}

void SqliteLogTail::shorten() {
    while (bytes_ > bytes_max_ && !order_.empty()) {
        auto& messages = messages_.at(order_.front());
        bytes_ -= memory_bytes(*messages.front());
        messages.pop_front();
        order_.pop_front();
    }
}

void SqliteLogTail::forget(std::int32_t partition_id) {
    const auto found = messages_.find(partition_id);
    if (found == messages_.end()) return;
    for (const auto& message : found->second) bytes_ -= memory_bytes(*message);
    messages_.erase(found);
    std::erase(order_, partition_id);
}

std::vector<MessagePtr> SqliteLogTail::read(std::int32_t partition_id, std::int64_t from, const FetchRoom& room) const {
    const auto found = messages_.find(partition_id);
    if (found == messages_.end() || found->second.empty()) return {};
    const auto first = found->second.front()->position.offset;
    if (from < first) return {};
    std::vector<MessagePtr> read;
    Fetch fetch(room);
    for (auto i = static_cast<std::size_t>(from - first); i < found->second.size(); ++i) {
        if (!fetch.takes(wire_bytes(*found->second[i]))) break;
        read.push_back(found->second[i]);
    }
    return read;
}

}  // namespace productd
