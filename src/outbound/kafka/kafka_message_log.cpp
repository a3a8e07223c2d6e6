// The MessageLog port over librdkafka. Calls producer, member, reader and admin; what of them blocks runs on a pool.
#include "outbound/kafka/kafka_message_log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "outbound/kafka/kafka_member.hpp"
#include "outbound/kafka/kafka_subscription.hpp"

namespace productd {

namespace {

constexpr std::size_t blocking_threads = 4;
constexpr std::chrono::milliseconds commit_takes_max{5'000};

}  // namespace

struct KafkaMessageLog::Core {
    explicit Core(KafkaLogSettings given) : settings(std::move(given)) {}

    /// With the reason, where the brokers refuse us.
    template <class T>
    Result<T> explained(Result<T> result) const {
        if (result) return result;
        return fail(producer->explained(std::move(result).error()));
    }
    /// Nobody waits for it; what fails is tried again when it is stale once more.
    void learn_beside(const std::string& topic) {
        if (!pool.queue().admit()) return;
        pool.post([this, topic] {
            static_cast<void>(producer->learn(topic));
            pool.queue().release();
        });
    }

    const KafkaLogSettings settings;
    std::unique_ptr<KafkaProducer> producer;
    std::unique_ptr<KafkaReader> reader;
    const std::shared_ptr<KafkaCommitMark> mark = std::make_shared<KafkaCommitMark>();
    std::mutex mutex;
    std::vector<std::shared_ptr<KafkaMember>> members;  ///< Until they have left their groups.
    // The pools end first: their calls use the rest.
    BlockingPool pool{"Kafka", blocking_threads, settings.queue_max, "kafka-calls"};
    BlockingPool commits{"commits of Kafka", 1, settings.queue_max, "kafka-commits"};
    BlockingPool learning{"topics of Kafka", 1, settings.queue_max, "kafka-topics"};
};

Result<std::unique_ptr<KafkaMessageLog>> KafkaMessageLog::open(KafkaLogSettings settings) {
    auto core = std::make_shared<Core>(std::move(settings));
    auto producer = KafkaProducer::open(core->settings);
    if (!producer) return fail(std::move(producer).error());
    core->producer = std::move(*producer);
    auto reader = KafkaReader::open(core->settings);
    if (!reader) return fail(std::move(reader).error());
    core->reader = std::move(*reader);
    return std::unique_ptr<KafkaMessageLog>(new KafkaMessageLog(std::move(core)));
}

KafkaMessageLog::~KafkaMessageLog() {
    close({});
    // A call that was given up may still run and holds the core: were it the last, its pool would wait for itself.
    for (auto* pool : {&core_->pool, &core_->commits, &core_->learning}) pool->join();
}

bool KafkaMessageLog::close(Deadline deadline) {
    const std::scoped_lock lock(core_->mutex);
    for (const auto& member : core_->members) member->leave();
    const bool have_left =
        std::ranges::all_of(core_->members, [&](const auto& member) { return member->left_by(deadline); });
    core_->producer->close(deadline);
    if (have_left) core_->members.clear();
    return have_left;
}

Task<std::vector<Result<Position>>> KafkaMessageLog::publish(std::vector<Record> records) {
    std::map<std::string, Error> unknown;
    for (const auto& record : records) {
        if (unknown.contains(record.topic)) continue;
        const auto knowledge = core_->producer->knowledge_of(record);
        if (knowledge == KafkaProducer::Knowledge::stale) core_->learn_beside(record.topic);
        if (knowledge != KafkaProducer::Knowledge::none) continue;
        auto call = [core = core_, topic = record.topic, partition = record.partition] {
            return core->explained(core->producer->meet(topic, partition));
        };
        auto learned = co_await offload(core_->learning, std::move(call));
        if (!learned) unknown.emplace(record.topic, std::move(learned).error());
    }
    if (!unknown.empty()) co_return co_await publish_known(std::move(records), std::move(unknown));
    auto start = [core = core_,
                  records = std::move(records)](const Answer<std::vector<Result<Position>>>& answer) mutable {
        core->producer->produce(std::move(records), answer);
    };
    auto results = co_await answered<std::vector<Result<Position>>>(std::move(start));
    co_return results;
}

/// Those of the topics that are there; the others fail one by one.
Task<std::vector<Result<Position>>> KafkaMessageLog::publish_known(std::vector<Record> records,
                                                                   std::map<std::string, Error> unknown) {
    std::vector<Record> known;
    std::vector<Result<Position>> results;
    std::vector<std::size_t> places;
    for (auto& record : records) {
        const auto error = unknown.find(record.topic);
        if (error != unknown.end()) {
            results.push_back(fail(error->second));
            continue;
        }
        places.push_back(results.size());
        results.push_back(Position{});
        known.push_back(std::move(record));
    }
    if (known.empty()) co_return results;
    auto published = co_await publish(std::move(known));
    if (!published) co_return fail(std::move(published).error());
    for (std::size_t i = 0; i < places.size(); ++i) results[places[i]] = std::move((*published)[i]);
    co_return results;
}

std::unique_ptr<Subscription> KafkaMessageLog::subscribe(std::string group, std::vector<std::string> topics,
                                                         asio::any_io_executor executor) {
    auto waker = std::make_shared<Waker>(std::move(executor));
    auto member = KafkaMember::join(core_->settings, group, std::move(topics), waker);
    if (member) {
        const std::scoped_lock lock(core_->mutex);
        std::erase_if(core_->members, [](const auto& other) { return other->has_left(); });
        core_->members.push_back(*member);
    }
    return std::make_unique<KafkaSubscription>(std::move(member), std::move(waker), commit_takes_max, core_->commits,
                                               core_->mark);
}

Task<std::vector<Message>> KafkaMessageLog::read(TopicPartition source, std::int64_t from, std::size_t max) {
    auto call = [core = core_, source = std::move(source), from, max]() -> Result<std::vector<Message>> {
        auto there = core->reader->admin().offsets({source});
        if (!there) return fail(std::move(there).error());
        const auto [partition, begin, end] = there->front();
        if (from < begin || from > end) {
            return fail(Errc::out_of_range, fmt::format("The partition {} of {} has the offsets {} to {}, not {}.",
                                                        partition, source.topic, begin, end, from));
        }
        if (max == 0 || from == end) return std::vector<Message>();
        return core->reader->read(source, from, end, max);
    };
    auto messages = co_await offload(core_->pool, std::move(call));
    co_return messages;
}

Task<> KafkaMessageLog::trim(TopicPartition source, std::int64_t before) {
    auto call = [core = core_, source = std::move(source), before] {
        return core->reader->admin().trim(source, before);
    };
    auto trimmed = co_await offload(core_->pool, std::move(call));
    co_return trimmed;
}

Task<std::vector<std::string>> KafkaMessageLog::create(std::vector<TopicSpec> topics) {
    auto call = [core = core_, topics = std::move(topics)] {
        return core->explained(core->reader->topics().create(topics));
    };
    auto names = co_await offload(core_->pool, std::move(call));
    co_return names;
}

Task<std::vector<TopicInfo>> KafkaMessageLog::describe(std::vector<std::string> topics) {
    auto call = [core = core_, topics = std::move(topics)] {
        return core->explained(core->reader->admin().describe(topics));
    };
    auto found = co_await offload(core_->pool, std::move(call));
    co_return found;
}

Task<std::vector<std::pair<TopicPartition, Commit>>> KafkaMessageLog::commits(std::string group) {
    auto call = [core = core_, group = std::move(group)] {
        return core->explained(core->reader->admin().commits(group));
    };
    auto found = co_await offload(core_->pool, std::move(call));
    co_return found;
}

Task<> KafkaMessageLog::rest_on(std::function<StoreMark()> mark) {
    core_->mark->rest_on(std::move(mark));
    co_return Result<>{};
}

Task<> KafkaMessageLog::check() {
    auto checked =
        co_await offload(core_->pool, [core = core_] { return core->explained(core->reader->admin().check()); });
    if (checked) co_return checked;
    auto error = std::move(checked).error();
    error.cause += fmt::format("{}asked: {}", error.cause.empty() ? "" : "; ",
                               fmt::join(core_->settings.connection.brokers, ", "));
    co_return fail(std::move(error));
}

}  // namespace productd
