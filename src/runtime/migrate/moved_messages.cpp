// Reads a topic through. Calls the log.
#include "runtime/migrate/moved_messages.hpp"

#include <algorithm>
#include <map>

#include "app/events/replay_headers.hpp"
#include "codec/packed.hpp"
#include "codec/sha256.hpp"

namespace productd {

namespace {

constexpr std::size_t messages_at_once = 500;
/// Who has more of them that are second ones is told of those.
constexpr std::size_t early_ones_max = 1'000;

auto half_of(const Digest& digest) {
    std::array<std::uint8_t, 16> half{};
    std::ranges::copy_n(reinterpret_cast<const std::uint8_t*>(digest.data()), std::ssize(half), half.begin());
    return half;
}

Record without_origin(const Message& message) {
    Record record{.key = message.key, .value = message.value, .time = message.position.time};
    for (const auto header : message.headers) {
        if (header.name != migrated_from) record.headers.push_back(header);
    }
    return record;
}

}  // namespace

Digest record_digest(const Record& record) {
    std::string text;
    for (const auto& part : {record.key, record.value}) {
        packed::put_number(text, part ? 1 : 0);
        packed::put_text(text, part.value_or(""));
    }
    packed::put_number(text, static_cast<std::uint64_t>(record.time.time_since_epoch().count()));
    record.headers.write(text);
    return sha256(text);
}

Task<std::int32_t> partitions_in_topic(MessageLog& log, std::string topic) {
    auto topics = co_await log.describe({topic});
    if (!topics) co_return fail(std::move(topics).error());
    const auto found = std::ranges::find(*topics, topic, &TopicInfo::topic);
    co_return found == topics->end() ? 0 : static_cast<std::int32_t>(found->partitions.size());
}

bool says(const MovedMessages::One& one, const Digest& digest) { return one.digest == half_of(digest); }

std::ranges::subrange<std::deque<MovedMessages::One>::const_iterator> MovedMessages::of(std::string_view origin) const {
    return std::ranges::equal_range(by_origin_, half_of(sha256(origin)), {}, &One::origin);
}

Task<MovedMessages> MovedMessages::read(MessageLog& log, std::string topic) {
    auto topics = co_await log.describe({topic});
    if (!topics) co_return fail(std::move(topics).error());
    MovedMessages moved;
    const auto info = std::ranges::find(*topics, topic, &TopicInfo::topic);
    if (info == topics->end()) co_return moved;
    std::vector<std::string> early;
    for (const auto& partition : info->partitions) {
        std::map<TopicPartition, std::int64_t> last;  // Of each partition that they came from.
        for (auto next = partition.begin; next < partition.end;) {
            auto messages = co_await log.read({topic, partition.partition}, next, messages_at_once);
            if (!messages) co_return fail(std::move(messages).error());
            if (messages->empty()) break;
            next = messages->back().position.offset + 1;
            for (const auto& message : *messages) {
                const std::string origin(message.headers.find(migrated_from).value_or(""));
                const auto was = parse_position(origin);
                if (!was) continue;
                moved.by_origin_.push_back({half_of(sha256(origin)), half_of(record_digest(without_origin(message))),
                                            message.position.offset, partition.partition});
                auto& before = last.try_emplace(was->source, -1).first->second;
                if (was->offset < before && early.size() < early_ones_max) early.push_back(origin);
                before = std::max(before, was->offset);
            }
        }
    }
    std::ranges::sort(moved.by_origin_, {}, &One::origin);
    const auto first = std::ranges::find_if(early, [&](const auto& origin) { return moved.of(origin).size() == 1; });
    if (first != early.end()) moved.out_of_order_ = *first;
    co_return moved;
}

}  // namespace productd
