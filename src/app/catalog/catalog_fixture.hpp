// The use cases over ports in memory, with a worker in miniature.
#pragma once

#include <gtest/gtest.h>

#include "app/catalog/catalog.hpp"
#include "app/catalog/change_applier.hpp"
#include "app/catalog/late_writes.hpp"
#include "app/catalog/process_outcomes.hpp"
#include "app/events/event.hpp"
#include "fakes/await.hpp"
#include "fakes/fake_message_log.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"

namespace productd::test {

struct FakePipeline : PipelineState {
    std::chrono::milliseconds late{0};
    bool down = false;
    std::chrono::milliseconds lag() const override { return late; }
    bool store_is_down() const override { return down; }
};

/// Hears as much of other instances as a test says.
class DeafOutcomes : public ProcessOutcomes {
public:
    using ProcessOutcomes::ProcessOutcomes;
    Hearing hearing() const override { return heard; }
    Hearing heard = Hearing::all;
};

class CatalogTest : public ::testing::Test {
protected:
    FakeClock clock;
    FakeIds ids;
    FakeProductStore store;
    FakeProductCache cache;
    FakeMessageLog log;
    FakePipeline pipeline;
    DeafOutcomes outcomes{ids, 100};
    ChangeApplier applier{store, cache, 256 * 1024};
    asio::io_context late_loop;  // Never run.
    LateWrites late_writes{store, cache, late_loop.get_executor()};
    TopicNames names;
    CatalogSettings settings{.apply_wait = std::chrono::milliseconds{50}};
    bool worker_works = true;

    CatalogTest() {
        // A worker in miniature: what is published is applied at once, before the acknowledgement.
        log.on_publish = [this](const Record& record) -> Result<> {
            ++records;
            if (worker_works) published.push_back(record);
            return {};
        };
    }

    std::vector<Record> published;
    bool worker_tells = true;
    int records = 0;  ///< Published so far.

    Catalog catalog() { return Catalog({store, cache, log, outcomes, pipeline, clock, ids}, settings); }
    RequestContext context() { return {std::chrono::steady_clock::now() + std::chrono::seconds(5), {}}; }

    /// Applies what was published and tells of it, as the worker does.
    asio::awaitable<void> work() {
        for (const auto& [source, messages] : log.partitions) {
            if (messages.empty() || !worker_works) continue;
            const auto& message = messages.back();
            auto event = decode_event(names.kind_of(source.topic).value(), message, clock.now(), clock.now());
            ChangeApplier of_worker(store, cache, settings.product_bytes_max);
            auto outcome = co_await of_worker.apply({std::make_shared<Change>(event->change)}, Deadline::max(),
                                                    Creates::presumed_new);
            if (const auto* applied = std::get_if<Applied>(&outcome->front())) {
                if (worker_tells) outcomes.tell(event->wait_id, message.position, *applied);
            } else if (const auto* refused = std::get_if<Refused>(&outcome->front())) {
                outcomes.tell(event->wait_id, message.position, refused->error);
            }
        }
    }

    /// Runs a use case with the worker beside it.
    template <class T>
    T with_worker(asio::awaitable<T> use_case) {
        const auto rethrow = [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        };
        asio::io_context context(1);
        std::optional<T> result;
        asio::co_spawn(context, std::move(use_case), [&](std::exception_ptr error, T value) {
            rethrow(error);
            result.emplace(std::move(value));
        });
        while (!result) {
            if (!std::exchange(published, {}).empty()) asio::co_spawn(context, work(), rethrow);
            context.run_one();
        }
        context.run();
        log.partitions.clear();
        clock.time += std::chrono::seconds(1);  // So that the emptied log is one made anew.
        return std::move(*result);
    }

    ProductId stored_product() {
        auto target = catalog();
        return with_worker(target.create(valid_draft(), {}, context()))->product->id;
    }
};

}  // namespace productd::test
