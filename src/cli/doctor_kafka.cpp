// How durable the log on Kafka is, for `productd doctor`. Calls kafka_examination.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "cli/doctor_kafka.hpp"
#include "runtime/service_settings.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

std::int64_t number(const std::string& text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// What holds of an acknowledged write in this topic.
Finding durability(const KafkaTopicExamination& topic) {
    const auto in_sync = std::max<std::int64_t>(number(topic.setting("min.insync.replicas")), 1);
    const auto brokers = [](std::int64_t count) { return count == 1 ? "1 broker" : fmt::format("{} brokers", count); };
    if (topic.setting("unclean.leader.election.enable") == "true") {
        return {Verdict::warn,
                "a broker that is behind may become the leader, and acknowledged writes are lost then: set "
                "unclean.leader.election.enable=false."};
    }
    if (in_sync == 1) {
        return {Verdict::warn,
                fmt::format("a write is acknowledged when 1 broker of {} has it, and is lost with that one: make it 3 "
                            "replicas and min.insync.replicas=2.",
                            topic.replicas)};
    }
    if (topic.replicas <= in_sync) {
        return {Verdict::warn, fmt::format("an acknowledged write is on {}, but writes stop when one of them is lost: "
                                           "have more replicas than min.insync.replicas.",
                                           brokers(in_sync))};
    }
    return {Verdict::ok, fmt::format("an acknowledged write is on {} at least; writes go on while {} of {} are lost.",
                                     brokers(in_sync), topic.replicas - in_sync, topic.replicas)};
}

std::vector<Finding> of_topic(const KafkaTopicExamination& topic, const Config& config) {
    if (topic.partitions == 0) return {{Verdict::fail, "is missing: make it with `productd topics create`."}};
    std::vector<Finding> findings{durability(topic)};
    if (!topic.are_in_sync) {
        findings.push_back({Verdict::warn, "replicas are not in sync now: see whether all brokers run."});
    }
    if (topic.setting("message.timestamp.type") == "LogAppendTime") {
        findings.push_back({Verdict::warn,
                            "the brokers overwrite the time of messages: set "
                            "message.timestamp.type=CreateTime."});
    }
    const auto kept = number(topic.setting("retention.ms")) + number(topic.setting("segment.ms"));
    const auto names = topic_names(config);
    const bool is_source = topic.topic == names.create || topic.topic == names.update || topic.topic == names.remove;
    if (is_source && (topic.setting("retention.ms") == "-1" || kept > config.store.tombstone_ttl.count())) {
        findings.push_back({Verdict::warn,
                            "messages are kept longer than Store.TombstoneTtl: an old one may bring a "
                            "deleted product back."});
    }
    return findings;
}

}  // namespace

Findings kafka_findings(const KafkaExamination& kafka, const Config& config) {
    // Topics of which the same is to be said share a line.
    std::vector<std::pair<Finding, std::vector<std::string>>> lines;
    for (const auto& topic : kafka.topics) {
        for (auto& finding : of_topic(topic, config)) {
            const auto same =
                std::ranges::find_if(lines, [&](const auto& line) { return line.first.sentence == finding.sentence; });
            auto& line =
                same == lines.end() ? lines.emplace_back(std::move(finding), std::vector<std::string>{}) : *same;
            line.second.push_back(topic.topic);
        }
    }
    Findings findings;
    for (auto& [finding, topics] : lines) {
        findings.push_back({finding.verdict, fmt::format("{}: {}", fmt::join(topics, ", "), finding.sentence)});
    }
    return findings;
}

Findings check_kafka(const Examined& examined) {
    const auto& config = examined.loaded.config;
    if (config.engine.bus != "kafka") return {};
    log::set_level(log::Level::error);  // What fails is a finding.
    const auto kafka = examine_kafka(kafka_settings(config));
    if (!kafka) return {{Verdict::fail, fmt::format("{} ({})", kafka.error().detail, kafka.error().cause)}};
    auto findings = kafka_findings(*kafka, config);
    findings.insert(findings.begin(), {Verdict::ok, fmt::format("{} brokers answer.", kafka->brokers)});
    return findings;
}

}  // namespace productd
