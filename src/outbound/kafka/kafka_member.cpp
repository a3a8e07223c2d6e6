// Joins a group, polls it until it is to leave, and commits. What a rebalance does is KafkaRebalance's. Calls
// librdkafka's consumer group.
#include "outbound/kafka/kafka_member.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "async/thread_name.hpp"
#include "outbound/kafka/kafka_admin.hpp"
#include "outbound/kafka/kafka_commit_mark.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr int member_poll_ms = 100;
constexpr std::chrono::milliseconds topics_pause{1'000};
/// Thresholds that a partition does not reach: a full queue makes librdkafka sleep up to a second.
constexpr std::int64_t prefetch_messages = 1'000'000;
constexpr std::int64_t partitions_least = 4;  // A topic with fewer would fetch too much ahead from each of them.

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
    // An idle broker is asked again after this, and a partition that is resumed may wait for it.
    properties.set("queued.min.messages", prefetch_messages).set("fetch.wait.max.ms", 250);
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
      handover_(std::move(waker)),
      rebalance_(settings_, shares_, handover_) {}

Result<std::shared_ptr<KafkaMember>> KafkaMember::join(const KafkaLogSettings& settings, const std::string& group,
                                                       std::vector<std::string> topics, std::shared_ptr<Waker> waker) {
    std::shared_ptr<KafkaMember> member(new KafkaMember(settings, std::move(topics), std::move(waker)));
    auto properties = properties_of(settings, group, member->shares_);
    rd_kafka_conf_set_opaque(properties.raw(), member.get());
    rd_kafka_conf_set_rebalance_cb(properties.raw(), rebalanced);
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
    handover_.clear();  // Queues end before their client.
    rebalance_.end_queues();
    if (!rebalance_.was_assigned() && client_)
        rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void KafkaMember::rebalanced(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list,
                             void* self) {
    static_cast<KafkaMember*>(self)->rebalance_.take(client, what, list);
}

/// What is subscribed to before it is there might be made by the brokers, with settings nobody chose.
void KafkaMember::await_topics() {
    const KafkaAdmin admin(settings_, client_.get());
    for (const auto& topic : topics_) {
        while (!handover_.is_leaving()) {
            auto there = admin.leaders_of(topic);
            if (there) break;
            handover_.tell(std::move(there).error());
            handover_.pause(topics_pause);
        }
    }
}

void KafkaMember::run() {
    name_this_thread("kafka-member");
    await_topics();
    if (!handover_.is_leaving()) be_member();
    end_membership();
    handover_.left();
}

void KafkaMember::be_member() {
    const KafkaPartitions wanted(rd_kafka_topic_partition_list_new(static_cast<int>(topics_.size())));
    for (const auto& topic : topics_) {
        rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    if (const auto code = rd_kafka_subscribe(client_.get(), wanted.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        handover_.tell(kafka_error(code));
    }
    while (!handover_.is_leaving()) {
        const KafkaMessage message(rd_kafka_consumer_poll(client_.get(), member_poll_ms));
        if (message) take_message(*message);
    }
}

/// Closing a member that never was assigned anything can hang or abort in librdkafka 2.0.2: it only says good-bye.
void KafkaMember::end_membership() {
    if (!rebalance_.was_assigned()) {
        rd_kafka_unsubscribe(client_.get());
        const KafkaMessage last(rd_kafka_consumer_poll(client_.get(), member_poll_ms));
        if (!rebalance_.was_assigned()) return;  // By that poll it may be after all.
    }
    rd_kafka_consumer_close(client_.get());
    rebalance_.silence();
}

/// Messages come through their partitions' own queues; what comes here are errors.
void KafkaMember::take_message(const rd_kafka_message_t& message) {
    // A consumer's fatal error comes here and not to failed().
    const auto fatal =
        fatal_error(client_.get(), message.err, message.err != 0 ? rd_kafka_message_errstr(&message) : "");
    if (fatal) return settings_.on_fatal(*fatal);
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        auto error = kafka_error(message.err, rd_kafka_message_errstr(&message));
        if (error.code == Errc::not_found && message.rkt != nullptr) {
            error.detail = fmt::format("There is no topic {}.", rd_kafka_topic_name(message.rkt));
        }
        return handover_.tell(std::move(error));
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
    if (rebalance_.epoch() != epoch) return fail(kafka_error(RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST));
    std::vector<Result<>> results(commits.size());
    const auto code = commit(commits);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return results;
    if (!is_of_one_partition(code)) return fail(kafka_error(code));
    // librdkafka says the error of one of all that were in the request, so each is asked for alone.
    for (std::size_t i = 0; i < commits.size(); ++i) {
        const auto own =
            rebalance_.epoch() == epoch ? commit(std::span(commits).subspan(i, 1)) : RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
        if (own != RD_KAFKA_RESP_ERR_NO_ERROR) results[i] = fail(kafka_error(own));
    }
    return results;
}

rd_kafka_resp_err_t KafkaMember::commit(std::span<const std::pair<TopicPartition, Commit>> commits) const {
    const KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(commits.size())));
    for (const auto& [source, commit] : commits) add_commit(list.get(), source, commit);
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
