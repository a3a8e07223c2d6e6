// Opens the log that the configuration names, and sees to its topics. Calls the logs there are.
#include "runtime/open_message_log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "outbound/kafka/kafka_message_log.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "runtime/service_settings.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

[[noreturn]] void end_process(const std::string& why) {
    log::error("The Kafka client has failed for good", {{"error", why}});
    log::stop();
    std::cerr << "The Kafka client has failed for good, start productd again: " << why << '\n';
    std::_Exit(1);
}

}  // namespace

Result<std::unique_ptr<MessageLog>> open_message_log(const Config& config, EmbeddedMetrics* metrics) {
    if (config.engine.bus == "kafka") {
        auto settings = kafka_settings(config);
        settings.on_fatal = end_process;
        auto opened = KafkaMessageLog::open(std::move(settings));
        if (!opened) return fail(std::move(opened).error());
        return std::move(*opened);
    }
    auto opened = SqliteMessageLog::open(log_settings(config));
    if (!opened) return fail(std::move(opened).error());
    if (metrics != nullptr) metrics->show(**opened);
    return std::move(*opened);
}

Task<> prepare_topics(MessageLog& log, const Config& config) {
    if (config.engine.bus != "kafka") {
        auto made = co_await log.create(topic_specs(config));
        if (!made) co_return fail(std::move(made).error());
        co_return Result<>{};
    }
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

}  // namespace productd
