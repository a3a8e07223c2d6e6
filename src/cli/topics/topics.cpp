// `productd topics create|list|describe`: what topics there are and where their reader stands. Calls MessageLog.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <map>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/open_log.hpp"
#include "cli/words.hpp"
#include "outbound/kafka/kafka_examination.hpp"
#include "runtime/engine.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

namespace {

/// What is asked for, or else what the service needs.
std::vector<TopicSpec> specs_of(const TopicsCreate& asked, const Config& config) {
    std::vector<TopicSpec> specs;
    specs.reserve(asked.topics.size());
    for (const auto& name : asked.topics) {
        const bool is_new = std::ranges::find(specs, name, &TopicSpec::topic) == specs.end();
        if (is_new) specs.push_back({name, config.kafka.partitions});
    }
    if (specs.empty()) specs = topic_specs(config);
    for (auto& spec : specs) spec.partitions = asked.partitions.value_or(spec.partitions);
    return specs;
}

void declare_create(CLI::App& topics, Choice& choice) {
    auto* command =
        topics.add_subcommand("create", "Make the topics that are missing, add partitions to those that have too few");
    command->footer(
        "Partitions are added once the group has finished all messages: later ones of a product may go to another.\n"
        "A topic of Kafka that is there with other settings is left as it is, and said so.\n"
        "Example: productd topics create\n"
        "Example: productd topics create price-lists --partitions 1");
    auto asked = action_of<TopicsCreate>(*command, choice);
    command->add_option("TOPIC", asked->topics, "Names; without any, the topics the service needs");
    command->add_option("--partitions", asked->partitions, "Partitions of each; also Log.Partitions")
        ->check(whole_number(1, 64));
}

void declare_topics_list(CLI::App& topics, Choice& choice) {
    auto* command = topics.add_subcommand("list", "List the topics");
    command->footer("Example: productd topics list");
    action_of<TopicsList>(*command, choice);
}

void declare_describe(CLI::App& topics, Choice& choice) {
    auto* command =
        topics.add_subcommand("describe", "Show the partitions of topics and how far the service has applied them");
    command->footer("Example: productd topics describe create-product");
    auto asked = action_of<TopicsDescribe>(*command, choice);
    command->add_option("TOPIC", asked->topics, "Names; without any, all");
}

std::uint64_t messages_in(const TopicInfo& topic) {
    std::int64_t messages = 0;
    for (const auto& partition : topic.partitions) messages += partition.end - partition.begin;
    return static_cast<std::uint64_t>(messages);
}

using Commits = std::vector<std::pair<TopicPartition, Commit>>;

void print(const TopicInfo& topic, const std::string& group, const Commits& commits, std::ostream& out) {
    fmt::print(out, "{}\n", topic.topic);
    for (const auto& partition : topic.partitions) {
        fmt::print(out, "  partition {}: offsets {} to {}, {}", partition.partition, partition.begin, partition.end,
                   counted(static_cast<std::uint64_t>(partition.end - partition.begin), "message"));
        for (const auto& [source, commit] : commits) {
            if (source != TopicPartition{topic.topic, partition.partition}) continue;
            fmt::print(out, "; {} at {}, {} behind", group, commit.offset, partition.end - commit.offset);
        }
        fmt::print(out, "\n");
    }
}

using Differences = std::map<std::string, std::vector<std::string>>;

/// A topic of the embedded log has but its partitions, and keeps them: create() adds those that are missing.
std::vector<std::string> differences_of(const TopicInfo& topic, const std::vector<TopicSpec>& specs) {
    const auto spec = std::ranges::find(specs, topic.topic, &TopicSpec::topic);
    const auto has = static_cast<std::int64_t>(topic.partitions.size());
    if (spec == specs.end() || has <= spec->partitions) return {};
    return {fmt::format("its number of partitions is {} and not {}", has, spec->partitions)};
}

/// By topic, of those that are there. On Kafka others may have made a topic, and made it otherwise. To be asked before
/// anything is made: brokers hear of that one after the other.
Result<Differences> differences_of(MessageLog& log, const std::vector<TopicSpec>& specs, const Config& config) {
    Differences found;
    if (!log_is_kafka(config)) {
        const auto there = run_to_end(log.describe({}));
        if (!there) return fail(there.error());
        for (const auto& topic : *there) found[topic.topic] = differences_of(topic, specs);
        return found;
    }
    const auto settings = kafka_settings(config);
    const auto kafka = examine_kafka(settings);
    if (!kafka) return fail(kafka.error());
    for (auto topic : kafka->topics) {
        const auto spec = std::ranges::find(specs, topic.topic, &TopicSpec::topic);
        if (spec == specs.end() || topic.partitions == 0) continue;
        topic.partitions = std::max(topic.partitions, spec->partitions);  // Those that are missing will be added.
        found[topic.topic] = differences(topic, spec->partitions, settings);
    }
    return found;
}

/// What to say of a topic after create().
std::string what_became_of(const TopicSpec& spec, const std::vector<std::string>& changed, const Differences& before) {
    if (std::ranges::find(changed, spec.topic) == changed.end()) return "already exists";
    if (!before.contains(spec.topic)) return "was created";
    return fmt::format("has {} now", counted(static_cast<std::uint64_t>(spec.partitions), "partition"));
}

void print_made(const std::string& topic, std::string_view what, const std::vector<std::string>& differences,
                std::ostream& out) {
    if (differences.empty()) fmt::print(out, "{} {}\n", topic, what);
    for (const auto& difference : differences) fmt::print(out, "{} {}, but {}\n", topic, what, difference);
}

Result<> check_known(const std::vector<std::string>& asked, const std::vector<TopicInfo>& topics) {
    for (const auto& name : asked) {
        if (std::ranges::find(topics, name, &TopicInfo::topic) != topics.end()) continue;
        return fail(Errc::not_found,
                    fmt::format("There is no topic {}; `productd topics list` shows those there are.", name));
    }
    return {};
}

}  // namespace

void declare_topics(CLI::App& app, Choice& choice) {
    auto* topics = app.add_subcommand("topics", "Look into the event log, read it, write to it");
    topics->footer("Example: productd topics list");
    topics->require_subcommand(0, 1);
    declare_create(*topics, choice);
    declare_topics_list(*topics, choice);
    declare_describe(*topics, choice);
    declare_topics_publish(*topics, choice);
    declare_topics_read(*topics, choice);
}

ExitCode perform(const TopicsCreate& action, Console& console) {
    return with_log(action.sources, MissingData::make, console, [&](MessageLog& log, const Config& config) -> Result<> {
        const auto specs = specs_of(action, config);
        auto differences = differences_of(log, specs, config);
        const auto made = run_to_end(log.create(specs));
        if (!made) return fail(made.error());
        if (!differences) {  // No failure: the topics are there.
            fmt::print(console.err, "In what the topics differ is not known: {}\n", differences.error().detail);
            differences = Differences{};
        }
        for (const auto& spec : specs) {
            const auto what = what_became_of(spec, *made, *differences);
            print_made(spec.topic, what, (*differences)[spec.topic], console.out);
        }
        return {};
    });
}

ExitCode perform(const TopicsList& action, Console& console) {
    return with_log(action.sources, MissingData::refuse, console, [&](MessageLog& log, const Config&) -> Result<> {
        const auto topics = run_to_end(log.describe({}));
        if (!topics) return fail(topics.error());
        for (const auto& topic : *topics) {
            fmt::print(console.out, "{}: {}, {}\n", topic.topic, counted(topic.partitions.size(), "partition"),
                       counted(messages_in(topic), "message"));
        }
        return {};
    });
}

ExitCode perform(const TopicsDescribe& action, Console& console) {
    return with_log(
        action.sources, MissingData::refuse, console, [&](MessageLog& log, const Config& config) -> Result<> {
            const auto group = group_id(config);
            const auto topics = run_to_end(log.describe({}));
            if (!topics) return fail(topics.error());
            if (auto known = check_known(action.topics, *topics); !known) return known;
            const auto commits = run_to_end(log.commits(group));
            if (!commits) return fail(commits.error());
            for (const auto& topic : *topics) {
                const bool asked =
                    action.topics.empty() || std::ranges::find(action.topics, topic.topic) != action.topics.end();
                if (asked) print(topic, group, *commits, console.out);
            }
            return {};
        });
}

}  // namespace productd
