// A topic's settings beside what is to be moved to it. Calls the plan.
#include "runtime/migrate/kept_there.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/integer.hpp"

namespace productd {

namespace {

/// Until the service that is started next has read what was moved.
constexpr std::chrono::hours time_to_be_read{1};
/// What Kafka counts beside key, value and headers, and the header that tells where it was.
constexpr std::int64_t bytes_around{512};

std::string time_span(std::chrono::milliseconds span) {
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(span);
    if (hours.count() >= 2) return fmt::format("{} hours", hours.count());
    return fmt::format("{} seconds", std::chrono::duration_cast<std::chrono::seconds>(span).count());
}

/// Nothing where it bounds nothing.
std::optional<std::int64_t> bound(const KafkaTopicExamination& topic, const char* setting) {
    const auto value = parse_integer(topic.setting(setting));
    return value && *value >= 0 ? value : std::nullopt;
}

/// A sentence on what of it is lost there; empty where nothing is.
std::string what_is_lost(const MessageBurden& burden, const KafkaTopicExamination& topic, Timestamp now) {
    if (!topic.unread.empty()) {
        return fmt::format(
            "nobody can tell whether it stays, since the topic's settings cannot be read ({}): let this "
            "user describe them",
            topic.unread);
    }
    if (topic.setting("message.timestamp.type") == "LogAppendTime") {
        return "the times would be lost, since brokers overwrite them: set message.timestamp.type=CreateTime";
    }
    if (const auto max = bound(topic, "max.message.bytes"); max && burden.largest > *max) {
        return fmt::format("the largest message takes {} bytes, and the topic takes {}: raise max.message.bytes",
                           burden.largest, *max);
    }
    const auto age = std::max(now - burden.oldest, std::chrono::milliseconds(0));
    if (const auto max = bound(topic, "message.timestamp.before.max.ms"); max && age.count() > *max) {
        return fmt::format(
            "the oldest message is {} old, and the topic takes none older than {}: raise "
            "message.timestamp.before.max.ms",
            time_span(age), time_span(std::chrono::milliseconds(*max)));
    }
    if (!topic.setting("cleanup.policy").contains("delete")) return "";
    if (const auto max = bound(topic, "retention.ms"); max && (age + time_to_be_read).count() > *max) {
        return fmt::format(
            "the oldest message is {} old, and the topic drops messages after {}: raise retention.ms "
            "until they are read",
            time_span(age), time_span(std::chrono::milliseconds(*max)));
    }
    if (const auto max = bound(topic, "retention.bytes"); max && burden.bytes > *max) {
        return fmt::format(
            "the messages take {} bytes, and the topic drops the oldest of a partition beyond {}: "
            "raise retention.bytes until they are read",
            burden.bytes, *max);
    }
    return "";
}

Task<MessageBurden> burden_of(LogPlan& plan, LogPlan::Topic topic) {
    MessageBurden burden;
    auto reading = co_await plan.read(std::move(topic));
    if (!reading) co_return fail(std::move(reading).error());
    for (;;) {
        const auto wanted = plan.next(*reading);
        if (!wanted) co_return fail(wanted.error());
        if (!*wanted) co_return burden;
        const auto& record = (*wanted)->record;
        const auto bytes = bytes_around + std::ssize(record.key.value_or("")) + std::ssize(record.value.value_or("")) +
                           static_cast<std::int64_t>(record.headers.bytes());
        ++burden.count;
        burden.bytes += bytes;
        burden.largest = std::max(burden.largest, bytes);
        burden.oldest = std::min(burden.oldest, record.time);
    }
}

}  // namespace

Result<> check_kept(const MessageBurden& burden, const KafkaTopicExamination& topic, Timestamp now) {
    if (burden.count == 0 || topic.partitions == 0) return {};
    const auto lost = what_is_lost(burden, topic, now);
    if (lost.empty()) return {};
    return fail(
        Errc::failed_precondition,
        fmt::format("Nothing was moved: of what is for {} {}. Or start the service as it was: what it applies, or "
                    "`productd dlq purge` drops, need not be moved.",
                    topic.topic, lost));
}

Task<> check_kept_there(LogPlan& plan, KafkaExamination there, Timestamp now) {
    for (const auto& topic : plan.topics()) {
        auto burden = co_await burden_of(plan, topic);
        if (!burden) co_return fail(std::move(burden).error());
        const auto found = std::ranges::find(there.topics, topic.to, &KafkaTopicExamination::topic);
        if (found == there.topics.end()) continue;
        if (auto kept = check_kept(*burden, *found, now); !kept) co_return kept;
    }
    co_return Result<>{};
}

}  // namespace productd
