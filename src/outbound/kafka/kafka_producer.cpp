// Hands records to librdkafka by partition, and answers whoever waits for one with its delivery report.
#include "outbound/kafka/kafka_producer.hpp"

#include <fmt/format.h>

#include "async/thread_name.hpp"
#include "codec/murmur2.hpp"
#include "outbound/kafka/kafka_message.hpp"

namespace productd {

namespace {

constexpr int delivery_poll_ms = 50;
/// Then a request is sent again. Longer than brokers take to replace a leader that stands still (9 s): sent again to
/// one that wakes and does not know yet that it leads no more, it would be out of order there, which ends the producer.
constexpr std::int64_t request_timeout_ms = 12'000;
constexpr std::chrono::seconds known_for{10};
constexpr std::chrono::seconds unknown_for{1};
constexpr std::chrono::seconds refusal_holds{10};   // It is told again at each attempt to connect.
constexpr std::int64_t larger_than_ours = 2;        // The limit of the records is the accumulator's.
constexpr std::int64_t requests_in_flight_max = 5;  // As many as idempotence allows.
constexpr std::int64_t records_max = 500'000;
constexpr const char* nobody_knows = "Kafka did not say in time whether it has the record.";
constexpr const char* closed = "The log is closed.";
constexpr std::int64_t record_bytes_max = 16 << 20;  // The topic's own limit is lower, and the broker's to tell.

Result<Position> result_of(const rd_kafka_message_t& message) {
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) return message_of(message).position;
    const bool may_be_written = rd_kafka_message_status(&message) == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED;
    auto error = kafka_error(message.err);
    if (error.code == Errc::unavailable && may_be_written) {
        return fail(Errc::deadline_exceeded, nobody_knows);
    }
    return fail(std::move(error));
}

}  // namespace

/// What one produce() waits for. The count begins one higher than the records, until all are handed over.
struct KafkaProducer::Batch {
    Results results;
    std::atomic<std::size_t> left;
    Answer<Results> answer;

    void done(std::size_t index, Result<Position> result) {
        results[index] = std::move(result);
        one_is_done();
    }
    void one_is_done() {
        if (left.fetch_sub(1) == 1) answer(std::move(results));
    }
};

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::open(const KafkaLogSettings& settings) {
    std::unique_ptr<KafkaProducer> producer(new KafkaProducer(settings));
    KafkaProperties properties(settings.connection);
    properties.set("enable.idempotence", "true").set("acks", "all").set("compression.codec", "snappy");
    properties.set("message.max.bytes", record_bytes_max);
    // Batching without a wait: what comes while requests are on their way goes together into the next.
    properties.set("linger.ms", 0).set("max.in.flight.requests.per.connection", requests_in_flight_max);
    // What it gives up makes it number the rest anew, and brokers take that twice. So it gives up late, and we answer.
    const auto given_up_after = std::max<std::chrono::milliseconds>(resent_for, settings.delivery_timeout);
    properties.set("message.timeout.ms", given_up_after.count());
    properties.set("socket.timeout.ms", request_timeout_ms);
    properties.set("queue.buffering.max.kbytes",
                   larger_than_ours * std::max<std::int64_t>(settings.buffer_bytes_max / 1024, 1));
    properties.set("queue.buffering.max.messages", records_max);
    rd_kafka_conf_set_opaque(properties.raw(), producer.get());
    rd_kafka_conf_set_dr_msg_cb(properties.raw(), report);
    rd_kafka_conf_set_error_cb(properties.raw(), failed);
    auto client = properties.open(RD_KAFKA_PRODUCER);
    if (!client) return fail(std::move(client).error());
    producer->client_ = std::move(*client);
    producer->admin_.emplace(settings, producer->client_.get());
    producer->reports_ = std::thread([self = producer.get()] { self->serve(); });
    return producer;
}

KafkaProducer::~KafkaProducer() {
    close({});
    topics_.clear();
}

void KafkaProducer::serve() {
    name_this_thread("kafka-reports");
    while (!stopping_.load()) {
        rd_kafka_poll(client_.get(), delivery_poll_ms);
        answer_the_late();
    }
}

void KafkaProducer::answer_the_late() {
    std::vector<std::pair<std::function<void(Result<Position>)>, Error>> late;
    {
        const std::scoped_lock lock(mutex_);
        const auto oldest = KafkaAccumulator::Clock::now() - settings_.delivery_timeout;
        for (auto& pending : accumulator_.expired(oldest)) {
            late.emplace_back(std::move(pending->answer), kafka_error(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT));
        }
        for (auto* pending : accumulator_.unanswered(oldest)) {
            late.emplace_back(std::exchange(pending->answer, nullptr), Error{Errc::deadline_exceeded, nobody_knows});
        }
        hand_over_what_may_go();  // What has waited long enough for those before it.
    }
    for (auto& [answer, error] : late) answer(fail(std::move(error)));
}

void KafkaProducer::close(Deadline deadline) {
    if (!reports_.joinable()) return;
    stopping_ = true;
    reports_.join();
    {
        const std::scoped_lock lock(mutex_);
        accumulator_.close();
        hand_over_what_may_go();
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto longest = std::clamp(left, std::chrono::milliseconds{0}, settings_.delivery_timeout);
    rd_kafka_flush(client_.get(), static_cast<int>(longest.count()));
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(client_.get(), delivery_poll_ms);
}

KafkaProducer::Knowledge KafkaProducer::knowledge_of(const Record& record) {
    const std::scoped_lock lock(mutex_);
    const auto known = topics_.find(record.topic);
    if (known == topics_.end()) return Knowledge::none;
    if (record.partition && std::cmp_greater_equal(*record.partition, known->second.leaders.size())) {
        return Knowledge::none;
    }
    const auto now = KafkaAccumulator::Clock::now();
    if (now - known->second.learned <= known_for) return Knowledge::fresh;
    known->second.learned = now;
    return Knowledge::stale;
}

Result<> KafkaProducer::learn(const std::string& topic) {
    auto leaders = admin_->leaders_of(topic);
    if (!leaders) return fail(std::move(leaders).error());
    const std::scoped_lock lock(mutex_);
    auto& known = topics_[topic];
    if (!known.topic) known.topic.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
    known.leaders = std::move(*leaders);
    known.learned = KafkaAccumulator::Clock::now();
    return {};
}

Result<> KafkaProducer::meet(const std::string& topic, std::optional<std::int32_t> partition) {
    {
        const std::scoped_lock lock(mutex_);
        if (accumulator_.is_closed()) return fail(unavailable(closed));
        const auto known = topics_.find(topic);
        if (known != topics_.end() && std::cmp_less(partition.value_or(-1), known->second.leaders.size())) return {};
        const auto now = KafkaAccumulator::Clock::now();
        const auto told = std::ranges::find_if(strangers_, [&](const auto& stranger) {
            const auto& [name, refusal] = stranger;
            return now - refusal.since < unknown_for && (name == topic || refusal.why.code == Errc::unavailable);
        });
        if (told != strangers_.end()) return fail(told->second.why);
    }
    auto learned = learn(topic);
    const std::scoped_lock lock(mutex_);
    strangers_.erase(topic);
    if (!learned) strangers_.emplace(topic, Refusal{learned.error(), KafkaAccumulator::Clock::now()});
    return learned;
}

void KafkaProducer::produce(std::vector<Record> records, Answer<Results> answer) {
    auto batch = std::make_shared<Batch>();
    batch->results.resize(records.size());
    batch->left = records.size() + 1;
    batch->answer = std::move(answer);
    {
        const std::scoped_lock lock(mutex_);
        for (std::size_t i = 0; i < records.size(); ++i) {
            auto added = add(std::move(records[i]), batch, i);
            if (!added) batch->done(i, fail(std::move(added).error()));
        }
        hand_over_what_may_go();
    }
    batch->one_is_done();
}

/// With the lock held, as everything below.
Result<> KafkaProducer::add(Record record, std::shared_ptr<Batch> batch, std::size_t index) {
    if (accumulator_.is_closed()) return fail(unavailable(closed));
    const auto known = topics_.find(record.topic);
    if (known == topics_.end()) return fail(kafka_error(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC));
    const auto partitions = static_cast<std::int32_t>(known->second.leaders.size());
    if (!record.partition) {
        // As any client that partitions by murmur2: no key, no place of its own.
        record.partition = record.key ? partition_of(*record.key, partitions) : next_partition_++ % partitions;
    }
    const auto partition = *record.partition;
    if (partition < 0 || partition >= partitions) return fail(kafka_error(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION));
    const auto leader = known->second.leaders[static_cast<std::size_t>(partition)];
    auto answer = [batch = std::move(batch), index](Result<Position> result) { batch->done(index, std::move(result)); };
    const bool taken = accumulator_.add(std::move(record), std::move(answer), leader, KafkaAccumulator::Clock::now());
    if (!taken) return fail(kafka_error(RD_KAFKA_RESP_ERR__QUEUE_FULL));
    return {};
}

void KafkaProducer::hand_over_what_may_go() {
    for (;;) {
        auto batch = accumulator_.take(KafkaAccumulator::Clock::now());
        if (batch.empty()) return;
        for (auto& pending : batch) {
            if (auto given = hand_over(*pending); given) {
                static_cast<void>(pending.release());  // Its report frees it.
            } else {
                accumulator_.reported(*pending);
                pending->answer(fail(std::move(given).error()));
            }
        }
    }
}

Result<> KafkaProducer::hand_over(KafkaAccumulator::Pending& pending) {
    auto* topic = topics_.find(pending.record.topic)->second.topic.get();
    return hand_record(client_.get(), topic, pending.record, &pending);
}

void KafkaProducer::report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& self = *static_cast<KafkaProducer*>(opaque);
    const std::unique_ptr<KafkaAccumulator::Pending> pending(
        static_cast<KafkaAccumulator::Pending*>(message->_private));
    {
        const std::scoped_lock lock(self.mutex_);
        if (self.accumulator_.reported(*pending)) self.hand_over_what_may_go();
    }
    if (pending->answer) pending->answer(result_of(*message));
}

void KafkaProducer::failed(rd_kafka_t* client, int code, const char* why, void* self) {
    auto& producer = *static_cast<KafkaProducer*>(self);
    if (const auto fatal = fatal_error(client, code, why)) return producer.settings_.on_fatal(*fatal);
    if (code != RD_KAFKA_RESP_ERR__AUTHENTICATION && code != RD_KAFKA_RESP_ERR__SSL) return;
    const std::scoped_lock lock(producer.mutex_);
    producer.refusal_ = kafka_error(static_cast<rd_kafka_resp_err_t>(code), why);
    producer.refused_ = KafkaAccumulator::Clock::now();
}

Error KafkaProducer::explained(const Error& error) const {
    const std::scoped_lock lock(mutex_);
    const bool is_refused = refusal_ && KafkaAccumulator::Clock::now() - refused_ < refusal_holds;
    return error.code == Errc::unavailable && is_refused ? *refusal_ : error;
}

}  // namespace productd
