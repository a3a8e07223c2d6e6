// Every choice by engine, each a switch that the compiler keeps complete. Calls the adapters.
#include "runtime/engine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "outbound/kafka/kafka_message_log.hpp"
#include "outbound/mongo/mongo_product_store.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "runtime/data_files.hpp"
#include "runtime/metrics/sqlite_metrics.hpp"
#include "runtime/service_settings.hpp"
#include "runtime/stop/stop_signals.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr const char* failed_for_good = "The Kafka client has failed for good, start productd again";

/// What a client calls that has failed for good: with words for whom it works for.
void (*end_of(OpenedBy by))(const std::string&) {
    switch (by) {
        case OpenedBy::service:
            return [](const std::string& why) {
                log::error(failed_for_good, {{"error", why}});
                end_process(1, "");
            };
        case OpenedBy::command:
            return [](const std::string& why) { end_process(1, fmt::format("{}: {}", failed_for_good, why)); };
    }
    std::unreachable();
}

template <class Port, class Adapter>
Result<std::unique_ptr<Port>> as_port(Result<std::unique_ptr<Adapter>> opened) {
    if (!opened) return fail(std::move(opened).error());
    return std::move(*opened);
}

template <class Adapter>
Result<std::unique_ptr<Adapter>> shown(Result<std::unique_ptr<Adapter>> opened, SqliteMetrics* metrics) {
    if (opened && metrics != nullptr) metrics->show(**opened);
    return opened;
}

/// Where it is the store that is damaged, the log still has a part of what it takes.
Result<std::unique_ptr<SqliteProductStore>> open_sqlite_store(const Config& config) {
    auto opened = SqliteProductStore::open(store_settings(config));
    if (opened || opened.error().code != Errc::data_loss) return opened;
    opened.error().detail +=
        " `productd rebuild` brings a backup up to date, or makes the store anew from the event log, without what gRPC "
        "wrote and what the log has dropped.";
    return opened;
}

/// MongoDB tells its changes to nobody yet.
class NoChangeFeed : public ChangeFeed {
public:
    Task<FeedPage> changes(std::optional<FeedPosition>, FeedBounds, Deadline, CallContext) override {
        co_return fail(Errc::unimplemented, "The feed of changes needs the embedded store in this release.");
    }
};

Result<OpenedStore> of_file(Result<std::unique_ptr<SqliteProductStore>> opened) {
    if (!opened) return fail(std::move(opened).error());
    auto* file = opened->get();
    auto feed = file->feed();
    return OpenedStore{std::move(*opened), std::move(feed), file};
}

Result<OpenedStore> of_server(Result<std::unique_ptr<MongoProductStore>> opened) {
    if (!opened) return fail(std::move(opened).error());
    return OpenedStore{std::move(*opened), std::make_unique<NoChangeFeed>()};
}

Result<std::unique_ptr<MessageLog>> open_kafka_log(const Config& config, OpenedBy by) {
    auto settings = kafka_settings(config);
    settings.on_fatal = end_of(by);
    return as_port<MessageLog>(KafkaMessageLog::open(std::move(settings)));
}

Task<> make_topics(MessageLog& log, const Config& config) {
    auto made = co_await log.create(topic_specs(config));
    if (!made) co_return fail(std::move(made).error());
    co_return Result<>{};
}

Task<> require_topics(MessageLog& log, const Config& config) {
    const auto there = co_await log.describe(topic_names(config).all());
    if (!there) {
        log::warn("Kafka does not answer yet", {{"error", there.error().detail}, {"cause", there.error().cause}});
        co_return Result<>{};
    }
    std::vector<std::string> missing;
    for (const auto& spec : topic_specs(config)) {
        if (std::ranges::find(*there, spec.topic, &TopicInfo::topic) == there->end()) missing.push_back(spec.topic);
    }
    if (missing.empty()) co_return Result<>{};
    co_return fail(Errc::not_found,
                   fmt::format("Kafka has no topic {}; make what is missing with: productd topics create",
                               fmt::join(missing, ", ")));
}

Result<std::unique_ptr<CacheAndOutcomes>> open_redis(const Config& config, Ids& ids, Metrics& metrics) {
    const auto settings = redis_cache_settings(config);
    if (!settings) return fail(settings.error());
    return CacheAndOutcomes::on_redis(*settings, config.catalog.outcome_waits_max, ids, metrics);
}

}  // namespace

Result<std::unique_ptr<MessageLog>> open_message_log(const Config& config, OpenedBy by, SqliteMetrics* metrics) {
    switch (config.engine.bus) {
        case BusEngine::sqlite:
            return as_port<MessageLog>(shown(SqliteMessageLog::open(log_settings(config)), metrics));
        case BusEngine::kafka: return open_kafka_log(config, by);
    }
    std::unreachable();
}

Task<> prepare_topics(MessageLog& log, const Config& config) {
    switch (config.engine.bus) {
        case BusEngine::sqlite: return make_topics(log, config);
        case BusEngine::kafka: return require_topics(log, config);
    }
    std::unreachable();
}

Result<OpenedStore> open_store(const Config& config, SqliteMetrics* metrics) {
    switch (config.engine.store) {
        case StoreEngine::sqlite: return of_file(shown(open_sqlite_store(config), metrics));
        case StoreEngine::mongodb: return of_server(MongoProductStore::open(mongo_settings(config)));
    }
    std::unreachable();
}

Result<std::unique_ptr<CacheAndOutcomes>> open_cache(const Config& config, Ids& ids, Metrics& metrics) {
    switch (config.engine.cache) {
        case CacheEngine::memory:
            return CacheAndOutcomes::in_process(config.cache, config.catalog.outcome_waits_max, ids);
        case CacheEngine::redis: return open_redis(config, ids, metrics);
    }
    std::unreachable();
}

bool log_is_kafka(const Config& config) {
    switch (config.engine.bus) {
        case BusEngine::sqlite: return false;
        case BusEngine::kafka: return true;
    }
    std::unreachable();
}

bool cache_is_redis(const Config& config) {
    switch (config.engine.cache) {
        case CacheEngine::memory: return false;
        case CacheEngine::redis: return true;
    }
    std::unreachable();
}

bool store_is_for_one_instance(const Config& config) {
    return log_is_kafka(config) && embedded_store(config).has_value();
}

std::optional<std::filesystem::path> embedded_log(const Config& config) {
    switch (config.engine.bus) {
        case BusEngine::sqlite: return data_files(config).log;
        case BusEngine::kafka: return std::nullopt;
    }
    std::unreachable();
}

std::optional<std::filesystem::path> embedded_store(const Config& config) {
    switch (config.engine.store) {
        case StoreEngine::sqlite: return data_files(config).store;
        case StoreEngine::mongodb: return std::nullopt;
    }
    std::unreachable();
}

std::optional<MongoConnection> mongo_server(const Config& config) {
    switch (config.engine.store) {
        case StoreEngine::sqlite: return std::nullopt;
        case StoreEngine::mongodb: return config.mongo;
    }
    std::unreachable();
}

}  // namespace productd
