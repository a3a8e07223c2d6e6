// One instance of the service without its listeners: worker, use cases, cache and outcomes, beside others on one log,
// one store and one Redis.
#pragma once

#include <boost/asio/use_future.hpp>
#include <future>

#include "app/catalog/catalog.hpp"
#include "app/worker/message_worker.hpp"
#include "outbound/mongo/mongo_product_store.hpp"
#include "outbound/redis/redis_outcomes.hpp"
#include "outbound/redis/redis_product_cache.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/metrics/worker_report.hpp"
#include "runtime/system_ports.hpp"

namespace productd::test {

/// Every `of`th partition of what it wraps, as a member of a group gets them: the embedded log has one member a group,
/// so each instance is a group of its own here.
class ShareOfPartitions : public Subscription {
public:
    ShareOfPartitions(std::unique_ptr<Subscription> all, int mine, int of)
        : all_(std::move(all)), mine_(mine), of_(of) {}

    Task<SubscriptionEvent> next(FetchRoom room) override {
        while (true) {
            auto event = co_await all_->next(room);
            if (!event) co_return event;
            if (auto* assigned = std::get_if<Assigned>(&*event)) {
                std::erase_if(assigned->partitions, [this](const auto& one) { return !is_mine(one.source); });
            }
            const auto* records = std::get_if<Records>(&*event);
            if (!records || is_mine(records->source)) co_return event;
        }
    }
    Task<> commit(TopicPartition source, Commit commit) override { return all_->commit(source, commit); }
    void hold(const TopicPartition& source) override { all_->hold(source); }
    void resume(const TopicPartition& source) override { all_->resume(source); }
    void released(const std::vector<TopicPartition>& partitions) override { all_->released(partitions); }
    void close() override { all_->close(); }

private:
    bool is_mine(const TopicPartition& source) const { return source.partition % of_ == mine_; }
    std::unique_ptr<Subscription> all_;
    int mine_, of_;
};

class ShareOfLog : public MessageLog {
public:
    ShareOfLog(MessageLog& log, int mine, int of) : log_(log), mine_(mine), of_(of) {}

    std::unique_ptr<Subscription> subscribe(std::string group, std::vector<std::string> topics,
                                            asio::any_io_executor executor) override {
        auto all = log_.subscribe(group + std::to_string(mine_), std::move(topics), std::move(executor));
        return std::make_unique<ShareOfPartitions>(std::move(all), mine_, of_);
    }
    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override {
        return log_.publish(std::move(records));
    }
    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override {
        return log_.read(std::move(source), from, max);
    }
    Task<> trim(TopicPartition source, std::int64_t before) override { return log_.trim(std::move(source), before); }
    Task<std::vector<std::string>> create(std::vector<TopicSpec> topics) override {
        return log_.create(std::move(topics));
    }
    Task<std::vector<TopicInfo>> describe(std::vector<std::string> topics) override {
        return log_.describe(std::move(topics));
    }
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string group) override {
        return log_.commits(std::move(group));
    }
    Task<> check() override { return log_.check(); }

private:
    MessageLog& log_;
    int mine_, of_;
};

class Instance {
public:
    Instance(MessageLog& log, const MongoConnection& mongo, const RedisCacheSettings& redis, int number, int of)
        : log_(log, number, of),
          store_(MongoProductStore::open({.connection = mongo}).value()),
          cache_(redis_loop_.executor(), redis),
          outcomes_(redis_loop_.executor(), redis.redis, ids_, 10'000),
          applier_(*store_, cache_, 256 * 1024),
          worker_({log_, *store_, applier_, outcomes_, observer_, clock_, tracer_}, {}, work_loop_.executor()),
          catalog_({*store_, cache_, log_, outcomes_, worker_, clock_, ids_}, {}) {
        cache_ended_ = start(redis_loop_, cache_.run());
        outcomes_ended_ = start(redis_loop_, outcomes_.run());
        worker_ended_ = start(work_loop_, worker_.run());
    }
    /// The clients of catalog() have ended.
    ~Instance() {
        asio::post(work_loop_.executor(), [this] { worker_.stop(); });
        worker_ended_.get();
        asio::post(redis_loop_.executor(), [this] {
            cache_.stop();
            outcomes_.stop();
        });
        cache_ended_.get();
        outcomes_ended_.get();
        io_.stop();
        work_loop_.stop();
        redis_loop_.stop();
    }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    Catalog& catalog() { return catalog_; }
    RedisProductCache& cache() { return cache_; }
    RedisOutcomes& outcomes() { return outcomes_; }
    std::vector<asio::any_io_executor> executors() { return io_.executors(); }

private:
    static std::future<void> start(IoThreads& loop, asio::awaitable<void> task) {
        return asio::co_spawn(loop.executor(), std::move(task), asio::use_future);
    }

    SystemClock clock_;
    ProcessIds ids_;
    Metrics metrics_;
    Tracer tracer_;
    WorkerReport observer_{metrics_, ProcessSpans(tracer_, {}, "group")};
    ShareOfLog log_;
    IoThreads redis_loop_{"redis", 1}, work_loop_{"worker", 1}, io_{"io", 2};
    std::unique_ptr<MongoProductStore> store_;
    RedisProductCache cache_;
    RedisOutcomes outcomes_;
    ChangeApplier applier_;
    MessageWorker worker_;
    Catalog catalog_;
    std::future<void> cache_ended_, outcomes_ended_, worker_ended_;
};

}  // namespace productd::test
