// Topics and groups of one run of bench_kafka_consume alone: made, filled with creates of small products, deleted.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <utility>

#include "app/events/event.hpp"
#include "bench_mongo.hpp"
#include "bench_products.hpp"
#include "outbound/kafka/kafka_message_log.hpp"
#include "outbound/kafka/kafka_question.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/service_settings.hpp"
#include "runtime/system_ports.hpp"

namespace productd::bench {

class BenchTopics {
public:
    BenchTopics(const std::string& brokers, std::uint32_t messages) : messages_(messages) {
        const auto now = std::chrono::system_clock::now().time_since_epoch().count();
        const auto prefix = fmt::format("bench-{}-{}-", now, getpid());
        config_.engine.bus = BusEngine::kafka;
        auto& kafka = config_.kafka;
        kafka.connection.brokers = {brokers};
        kafka.replicas = 3;
        kafka.in_sync_min = 2;
        kafka.group = prefix + "group-";
        kafka.topics = {prefix + "create", prefix + "update", prefix + "delete", prefix + "letters", prefix + "states"};
    }

    std::uint32_t messages() const { return messages_; }
    Config config(int round) const {
        auto config = config_;
        config.kafka.group += std::to_string(round);
        return config;
    }

    /// Fails with one sentence when there are no brokers.
    void make() const {
        const auto log = expect(KafkaMessageLog::open(kafka_settings(config_)));
        IoThreads loop("make", 1);
        const auto wait_for = [&](auto task) {
            return expect(asio::co_spawn(loop.executor(), std::move(task), asio::use_future).get());
        };
        wait_for(log->check());
        wait_for(log->create(topic_specs(config_)));
        log->close({});
    }

    void fill() const {
        auto settings = kafka_settings(config_);
        settings.delivery_timeout = std::chrono::minutes(1);  // The brokers are busier than a request would bear.
        const auto log = expect(KafkaMessageLog::open(std::move(settings)));
        IoThreads loop("fill", 1);
        std::uint32_t next = 0;
        std::array<std::future<void>, writers> ends;
        for (auto& end : ends) end = asio::co_spawn(loop.executor(), publish(*log, next), asio::use_future);
        for (auto& end : ends) end.get();
        log->close({});
    }

    void remove(int rounds) const {
        const auto settings = kafka_settings(config_);
        const auto client = expect(KafkaProperties(settings.connection).open(RD_KAFKA_PRODUCER));
        for (const auto& name : settings.topics.all()) {
            auto* topic = rd_kafka_DeleteTopic_new(name.c_str());
            expect(answer_to(
                client.get(), RD_KAFKA_ADMIN_OP_DELETETOPICS, settings.call_timeout,
                [&](auto* options, auto* queue) { rd_kafka_DeleteTopics(client.get(), &topic, 1, options, queue); }));
            rd_kafka_DeleteTopic_destroy(topic);
        }
        for (int round = 0; round < rounds; ++round) {
            auto* group = rd_kafka_DeleteGroup_new(config(round).kafka.group.c_str());
            expect(answer_to(
                client.get(), RD_KAFKA_ADMIN_OP_DELETEGROUPS, settings.call_timeout,
                [&](auto* options, auto* queue) { rd_kafka_DeleteGroups(client.get(), &group, 1, options, queue); }));
            rd_kafka_DeleteGroup_destroy(group);
        }
    }

    /// Of the payload of the first message; the others' differ by the digits of a number.
    std::size_t payload_bytes() const { return record(0).value->size(); }

private:
    static constexpr std::size_t writers = 8;
    static constexpr std::uint32_t batch = 1'000;

    Record record(std::uint32_t number) const {
        Change change{.kind = ChangeKind::create, .id = id_of(number), .draft = draft_of(number, 0)};
        change.time = SystemClock().now();
        return encode_event(config_.kafka.topics.create, {change, {}, {}});
    }

    asio::awaitable<void> publish(MessageLog& log, std::uint32_t& next) const {
        while (next < messages_) {
            const auto begin = std::exchange(next, std::min(next + batch, messages_));
            std::vector<Record> records;
            for (auto number = begin; number < next; ++number) records.push_back(record(number));
            auto written = co_await log.publish(std::move(records));
            for (auto& position : expect(std::move(written))) expect(std::move(position));
        }
    }

    std::uint32_t messages_;
    Config config_;
};

}  // namespace productd::bench
