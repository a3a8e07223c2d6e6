// How durable the log on Kafka is, and whether the store's file has what its commits rest on, for `productd doctor`.
// Calls kafka_examination, the log and the store's file.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/doctor/doctor_kafka.hpp"
#include "domain/error_text.hpp"
#include "domain/integer.hpp"
#include "outbound/sqlite/store/sqlite_store_mark.hpp"
#include "runtime/engine.hpp"
#include "runtime/health/store_history.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

namespace {

std::int64_t number(const std::string& text) { return parse_integer(text).value_or(0); }

std::string brokers_text(std::int64_t count) { return count == 1 ? "1 broker" : fmt::format("{} brokers", count); }

/// How many must have a write before it is acknowledged: brokers ask for no more than there are replicas.
std::int64_t acknowledging(const KafkaTopicExamination& topic) {
    return std::min<std::int64_t>(std::max<std::int64_t>(number(topic.setting("min.insync.replicas")), 1),
                                  topic.replicas);
}

/// What holds of an acknowledged write in this topic.
Findings durability(const KafkaTopicExamination& topic) {
    constexpr auto* advice = "have 3 replicas and min.insync.replicas=2.";
    const auto in_sync = acknowledging(topic);
    const bool is_unclean = topic.setting("unclean.leader.election.enable") == "true";
    Findings findings;
    if (is_unclean) {
        findings.push_back({Verdict::warn,
                            "a broker that is behind may become the leader, and acknowledged writes are lost then: set "
                            "unclean.leader.election.enable=false."});
    }
    if (in_sync == 1 && topic.replicas == 1) {
        findings.push_back({Verdict::warn, fmt::format("a write is on 1 broker alone: without it acknowledged writes "
                                                       "are lost, and writes stop: {}",
                                                       advice)});
    } else if (in_sync == 1) {
        findings.push_back(
            {Verdict::warn, fmt::format("a write is acknowledged when 1 broker of {} has it, and may be lost with that "
                                        "one: {}",
                                        topic.replicas, advice)});
    } else if (topic.replicas == in_sync) {
        findings.push_back({Verdict::warn, fmt::format("an acknowledged write is on {}, but writes stop when one of "
                                                       "them is lost: have more replicas than min.insync.replicas.",
                                                       brokers_text(in_sync))});
    } else if (!is_unclean) {
        findings.push_back(
            {Verdict::ok, fmt::format("an acknowledged write is on {} of {} at least and outlives the "
                                      "loss of {}; writes go on without {}.",
                                      in_sync, brokers_text(topic.replicas), in_sync - 1, topic.replicas - in_sync)});
    }
    return findings;
}

/// Nothing when all replicas are in sync.
Findings replication(const KafkaTopicExamination& topic) {
    if (topic.are_in_sync) return {};
    const bool are_refused = topic.unread.empty() && topic.in_sync < acknowledging(topic);
    return {{Verdict::warn, fmt::format("only {} of {} replicas are in sync now{}: see whether all brokers run.",
                                        topic.in_sync, topic.replicas, are_refused ? ", and writes are refused" : "")}};
}

Findings of_source(const KafkaTopicExamination& topic, const Config& config) {
    Findings findings;
    if (topic.setting("message.timestamp.type") == "LogAppendTime") {
        findings.push_back({Verdict::warn,
                            "the brokers overwrite the time of messages with their own: set "
                            "message.timestamp.type=CreateTime."});
    }
    // A message goes with its segment, which may take segment.ms more until it is closed.
    const auto kept = number(topic.setting("retention.ms")) + number(topic.setting("segment.ms"));
    if (topic.setting("retention.ms") == "-1" || kept >= config.store.tombstone_ttl.count()) {
        findings.push_back({Verdict::warn,
                            "messages are kept (retention.ms and segment.ms) as long as Store.TombstoneTtl or longer: "
                            "an old one may bring a deleted product back."});
    }
    return findings;
}

Findings of_topic(const KafkaTopicExamination& topic, const Config& config) {
    if (topic.partitions == 0) return {{Verdict::fail, "missing: run `productd topics create`."}};
    Findings findings;
    const auto add = [&](Findings more) { std::ranges::move(more, std::back_inserter(findings)); };
    if (topic.unread.empty()) {
        add(durability(topic));
    } else {
        findings.push_back({Verdict::warn, fmt::format("the settings cannot be read, so it is not known how durable a "
                                                       "write is: {}",
                                                       topic.unread)});
    }
    add(replication(topic));
    if (topic_names(config).kind_of(topic.topic) && topic.unread.empty()) add(of_source(topic, config));
    return findings;
}

Finding brokers_finding(std::int32_t brokers, const Config& config) {
    const auto answer = fmt::format("{} answer{}", brokers_text(brokers), brokers == 1 ? "s" : "");
    if (brokers >= config.kafka.replicas) return {Verdict::ok, answer + "."};
    return {Verdict::warn, fmt::format("{}, too few for topics of {} replicas: start more, or set Kafka.Replicas.",
                                       answer, config.kafka.replicas)};
}

/// A listener that wants another protocol hangs up without a word, so what is no clear refusal may be that too.
Finding silence(Error error) {
    const bool may_be_protocol = error.cause.contains("Kafka.Brokers");
    if (may_be_protocol) error.detail += " Kafka.Security and Kafka.Mechanism must be those of its listener.";
    return {Verdict::fail, with_cause(error)};
}

/// Whether the store's file lacks what the group's commits rest on.
std::optional<Finding> lost_store(const Config& config) {
    const auto store = embedded_store(config);
    if (!store) return std::nullopt;
    auto log = open_message_log(config, OpenedBy::command);
    if (!log) return Finding{Verdict::fail, log.error().detail};
    IoThreads loop("doctor", 1);
    const auto behind_commits = wait_for(loop.executor(), stores_behind(**log, group_id(config)));
    loop.stop();
    const auto history = behind_commits ? check_history(*behind_commits, read_store_mark(*store), Committed::by_a_group)
                                        : Result<>(fail(behind_commits.error()));
    if (history) return std::nullopt;
    return Finding{Verdict::fail, with_cause(history.error())};
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
    if (!log_is_kafka(config)) return {};
    const auto kafka = examine_kafka(kafka_settings(config));
    if (!kafka) return {silence(kafka.error())};
    auto findings = kafka_findings(*kafka, config);
    findings.insert(findings.begin(), brokers_finding(kafka->brokers, config));
    if (auto lost = lost_store(config)) findings.push_back(std::move(*lost));
    return findings;
}

}  // namespace productd
