// Calls librdkafka's consumer group.
#include "outbound/kafka/kafka_member.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <span>

#include "outbound/kafka/kafka_admin.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr int poll_ms = 100;
constexpr std::chrono::milliseconds ask_again{1'000};
/// Thresholds that a partition does not reach: a full queue makes librdkafka sleep up to a second.
constexpr std::int64_t prefetch_messages = 1'000'000;
constexpr std::int64_t partitions_least = 4;  // Of a topic, so that few are not fetched ahead of in too large a part.

std::int64_t shares_of(const KafkaLogSettings& settings, std::size_t topics) {
    return static_cast<std::int64_t>(topics) * std::max<std::int64_t>(settings.partitions, partitions_least);
}

KafkaProperties properties_of(const KafkaLogSettings& settings, const std::string& group, std::int64_t shares) {
    KafkaProperties properties(settings.connection);
    properties.set("group.id", group).set("partition.assignment.strategy", "range");
    if (!settings.group_instance.empty()) properties.set("group.instance.id", settings.group_instance);
    properties.set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
    properties.set("auto.offset.reset", "earliest").set("enable.partition.eof", "true");
    const auto session = settings.session_timeout.count();
    properties.set("session.timeout.ms", session)
        .set("heartbeat.interval.ms", std::min<std::int64_t>(session / 5, 3'000));
    properties.set("max.poll.interval.ms", std::max<std::int64_t>(settings.poll_interval_max.count(), session));
    properties.set("topic.metadata.refresh.interval.ms", 10'000);
    properties.set("queued.min.messages", prefetch_messages).set("fetch.wait.max.ms", 100);
    // librdkafka's limit is one partition's, and this member may come to have all of them.
    properties.set("queued.max.messages.kbytes",
                   std::max<std::int64_t>(settings.prefetch_bytes_max / 1024 / shares, 1));
    return properties;
}

bool is_of_one_partition(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE || code == RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE;
}

}  // namespace

KafkaMember::KafkaMember(const KafkaLogSettings& settings, std::vector<std::string> topics,
                         std::shared_ptr<Waker> waker)
    : settings_(settings),
      topics_(std::move(topics)),
      shares_(shares_of(settings, topics_.size())),
      waker_(std::move(waker)) {}

Result<std::shared_ptr<KafkaMember>> KafkaMember::join(const KafkaLogSettings& settings, const std::string& group,
                                                       std::vector<std::string> topics, std::shared_ptr<Waker> waker) {
    std::shared_ptr<KafkaMember> member(new KafkaMember(settings, std::move(topics), std::move(waker)));
    auto properties = properties_of(settings, group, member->shares_);
    rd_kafka_conf_set_opaque(properties.raw(), member.get());
    rd_kafka_conf_set_rebalance_cb(properties.raw(), rebalance);
    rd_kafka_conf_set_error_cb(properties.raw(), failed);
    auto client = properties.open(RD_KAFKA_CONSUMER);
    if (!client) return fail(std::move(client).error());
    member->client_ = std::move(*client);
    rd_kafka_poll_set_consumer(member->client_.get());
    member->thread_ = std::thread([self = member.get()] { self->run(); });
    return member;
}

KafkaMember::~KafkaMember() {
    leave();
    if (thread_.joinable()) thread_.join();
    events_.clear();  // Queues end before their client.
    for (const auto& [source, queue] : queues_) drain(queue.get());
    queues_.clear();
    if (!was_assigned_ && client_) rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void KafkaMember::leave() {
    leaving_ = true;
    changed_.notify_all();
}

bool KafkaMember::left_by(Deadline deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [this] { return has_left_; });
}

std::optional<KafkaMember::Event> KafkaMember::take() {
    const std::scoped_lock lock(mutex_);
    if (events_.empty()) return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

void KafkaMember::tell(Event event) {
    {
        const std::scoped_lock lock(mutex_);
        events_.push_back(std::move(event));
    }
    waker_->wake();
}

void KafkaMember::released() {
    {
        const std::scoped_lock lock(mutex_);
        ++releases_;
    }
    changed_.notify_all();
}

/// What is subscribed to before it is there might be made by the brokers, with settings nobody chose.
void KafkaMember::await_topics() {
    const KafkaAdmin admin(settings_, client_.get());
    for (const auto& topic : topics_) {
        while (!leaving_) {
            auto there = admin.leaders_of(topic);
            if (there) break;
            tell(std::move(there).error());
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, ask_again, [this] { return leaving_.load(); });
        }
    }
}

void KafkaMember::run() {
    await_topics();
    if (!leaving_) be_member();
    end_membership();
    {
        const std::scoped_lock lock(mutex_);
        has_left_ = true;
    }
    changed_.notify_all();
}

void KafkaMember::be_member() {
    const KafkaPartitions wanted(rd_kafka_topic_partition_list_new(static_cast<int>(topics_.size())));
    for (const auto& topic : topics_) {
        rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    if (const auto code = rd_kafka_subscribe(client_.get(), wanted.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        tell(kafka_error(code));
    }
    while (!leaving_) {
        const KafkaMessage message(rd_kafka_consumer_poll(client_.get(), poll_ms));
        if (message) take_message(*message);
    }
}

/// Closing a member that never was assigned anything can hang or abort in librdkafka 2.0.2: it only says good-bye.
void KafkaMember::end_membership() {
    if (!was_assigned_) {
        rd_kafka_unsubscribe(client_.get());
        const KafkaMessage last(rd_kafka_consumer_poll(client_.get(), poll_ms));
        if (!was_assigned_) return;  // By that poll it may be after all.
    }
    rd_kafka_consumer_close(client_.get());
    // Whom they would wake may be gone.
    for (const auto& [source, queue] : queues_) rd_kafka_queue_cb_event_enable(queue.get(), nullptr, nullptr);
}

/// Messages come through their partitions' own queues; what comes here are errors.
void KafkaMember::take_message(const rd_kafka_message_t& message) {
    // Of a consumer it comes here and not to failed().
    const auto fatal =
        fatal_error(client_.get(), message.err, message.err != 0 ? rd_kafka_message_errstr(&message) : "");
    if (fatal) return settings_.on_fatal(*fatal);
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        auto error = kafka_error(message.err, rd_kafka_message_errstr(&message));
        if (error.code == Errc::not_found && message.rkt != nullptr) {
            error.detail =
                fmt::format("There is no topic {}; run `productd topics create`.", rd_kafka_topic_name(message.rkt));
        }
        return tell(std::move(error));
    }
    log::error(
        "A message came past its partition's queue and is read again",
        {{"topic", rd_kafka_topic_name(message.rkt)}, {"partition", message.partition}, {"offset", message.offset}});
    rd_kafka_seek(message.rkt, message.partition, message.offset, 0);
}

void KafkaMember::failed(rd_kafka_t* client, int code, const char* why, void* self) {
    if (const auto fatal = fatal_error(client, code, why)) static_cast<KafkaMember*>(self)->settings_.on_fatal(*fatal);
}

// ---------------------------------------------------------------------------------------------- offsets

Result<std::vector<Result<>>> KafkaMember::commit(const Commits& commits, std::int64_t epoch) {
    // One that was given up and comes late would go out as of the group's present generation, and set others back.
    if (epoch_ != epoch) return fail(kafka_error(RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST));
    std::vector<Result<>> results(commits.size());
    const auto code = commit(commits);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return results;
    if (!is_of_one_partition(code)) return fail(kafka_error(code));
    // librdkafka says the error of one of all that were in the request, so each is asked for alone.
    for (std::size_t i = 0; i < commits.size(); ++i) {
        const auto own =
            epoch_ == epoch ? commit(std::span(commits).subspan(i, 1)) : RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
        if (own != RD_KAFKA_RESP_ERR_NO_ERROR) results[i] = fail(kafka_error(own));
    }
    return results;
}

rd_kafka_resp_err_t KafkaMember::commit(std::span<const std::pair<TopicPartition, Commit>> commits) const {
    const KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(commits.size())));
    for (const auto& [source, commit] : commits) {
        auto& element = *rd_kafka_topic_partition_list_add(list.get(), source.topic.c_str(), source.partition);
        element.offset = commit.offset;
        element.metadata_size = commit.metadata.size();
        // Freed with the list, as librdkafka frees its own.
        element.metadata = std::malloc(commit.metadata.size() + 1);  // NOLINT(cppcoreguidelines-no-malloc)
        std::ranges::copy(commit.metadata, static_cast<char*>(element.metadata));
    }
    return rd_kafka_commit(client_.get(), list.get(), 0);
}

std::optional<std::int64_t> KafkaMember::end_of(const TopicPartition& source) const {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    const auto code =
        rd_kafka_get_watermark_offsets(client_.get(), source.topic.c_str(), source.partition, &begin, &end);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || end < 0) return std::nullopt;
    return end;
}

}  // namespace productd
