// A worker over an in-memory log and store, on one thread: every test runs until its condition holds.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/worker/message_worker.hpp"
#include "fakes/fake_message_log.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"

namespace productd::test {

struct CountingObserver : PipelineObserver {
    std::map<Ending, int> endings;
    std::vector<std::string> condemned_codes;
    CircuitBreaker::State breaker = CircuitBreaker::State::closed;
    bool was_open = false;
    std::size_t in_flight_most = 0;

    std::size_t received_messages = 0;

    void received(ChangeKind, std::size_t messages) override { received_messages += messages; }
    void finished(const WorkItem&, Ending ending, std::chrono::nanoseconds) override { ++endings[ending]; }
    void condemned(const WorkItem&, const Error& error) override { condemned_codes.emplace_back(name(error.code)); }
    void batch(std::size_t, std::chrono::nanoseconds) override {}
    void retried(const Error&, std::span<const Item>) override {}
    void log_failed(std::string_view, const Error&) override {}
    std::size_t parked_early = 0;

    void parked_too_many(const TopicPartition&) override { ++parked_early; }
    std::map<Rebalance, std::size_t> rebalances;
    void rebalanced(Rebalance what, std::size_t) override { ++rebalances[what]; }
    void breaker_changed(CircuitBreaker::State state) override {
        breaker = state;
        was_open = was_open || state == CircuitBreaker::State::open;
    }
    std::size_t parked_for_nobody = 0;  ///< The most that was parked and not in flight.
    std::size_t bytes_most = 0;
    void gauges(const PipelineGauges& now) override {
        bytes_most = std::max(bytes_most, now.in_flight_bytes);
        in_flight_most = std::max(in_flight_most, now.in_flight);
        if (now.parked > now.in_flight) parked_for_nobody = std::max(parked_for_nobody, now.parked - now.in_flight);
    }
};

struct ToldOutcomes : Outcomes {
    std::map<std::string, Outcome> told;
    std::unique_ptr<OutcomeWait> expect(asio::any_io_executor) override { return nullptr; }
    void tell(const std::string& wait_id, const Position&, const Outcome& outcome) override { told[wait_id] = outcome; }
};

/// Works on one thread until a condition holds.
class MessageWorkerFixture : public ::testing::Test {
protected:
    explicit MessageWorkerFixture(std::size_t product_bytes_max = 256 * 1024)
        : applier(store, cache, product_bytes_max) {
        settings.commit_interval = std::chrono::milliseconds{1};
        settings.breaker.backoff = {std::chrono::milliseconds{1}, std::chrono::milliseconds{4}};
        settings.not_found_wait = std::chrono::milliseconds{100};
    }

    asio::io_context context{1};  // First: what holds timers of it must go before it.
    TopicNames names;
    FakeClock clock;
    FakeProductStore store;
    FakeProductCache cache;
    FakeMessageLog log;
    ToldOutcomes outcomes;
    CountingObserver observer;
    WorkerSettings settings;
    ChangeApplier applier;

    Position publish(Change change, std::string wait_id = {}) {
        if (change.time == Timestamp{}) change.time = clock.now();
        const auto& topic = names.of(change.kind);
        return log.append(encode_event(topic, {std::move(change), std::move(wait_id), {}}));
    }

    /// Works until `done`, or fails after many seconds; then stops the worker in order.
    void work_until(const std::function<bool()>& done) {
        context.restart();
        MessageWorker work({log, store, applier, outcomes, observer, clock, tracer}, settings, context.get_executor());
        worker = &work;
        bool ended = false;
        asio::co_spawn(context, work.run(), [&](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
            ended = true;
        });
        run_until(done);
        EXPECT_TRUE(done());
        work.stop();
        run_until([&] { return ended; });
        EXPECT_TRUE(ended);
        context.run_for(std::chrono::milliseconds(0));
    }

    /// Runs handlers until `done`, for many seconds at most.
    void run_until(const std::function<bool()>& done) {
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!done() && std::chrono::steady_clock::now() < patience)
            handlers_run += static_cast<int>(context.run_one_for(std::chrono::milliseconds(50)));
    }

    /// A hook of the store that holds up every write of `id` until release(): for good, or until it is given up.
    void block(ProductId id) {
        store.on_write = [this, id](const std::vector<ProductId>& ids) -> Task<> {
            if (std::ranges::find(ids, id) == ids.end()) co_return Result<>{};
            while (blocked) {
                co_await sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
                const auto given_up = (co_await asio::this_coro::cancellation_state).cancelled();
                if (given_up != asio::cancellation_type::none) co_return fail(Errc::cancelled, "given up");
            }
            co_return Result<>{};
        };
    }
    void release() { blocked = false; }
    bool blocked = true;

    Tracer tracer;
    MessageWorker* worker = nullptr;  ///< While work_until() runs.
    int handlers_run = 0;
    int ended(Ending ending) { return observer.endings[ending]; }
    int finished() {
        int sum = 0;
        for (const auto& [ending, count] : observer.endings) sum += count;
        return sum;
    }
    std::vector<Message>& dead_letters() { return log.partitions[{names.dead_letters, 0}]; }
};

}  // namespace productd::test
