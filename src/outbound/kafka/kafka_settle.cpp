// Writes the commits that are there once more. Calls librdkafka's admin interface.
#include "outbound/kafka/kafka_settle.hpp"

#include <fmt/format.h>

#include "outbound/kafka/kafka_admin.hpp"
#include "outbound/kafka/kafka_commit_mark.hpp"
#include "outbound/kafka/kafka_question.hpp"

namespace productd {

namespace {

using Commits = std::vector<std::pair<TopicPartition, Commit>>;

constexpr std::chrono::milliseconds settle_pause{500};
constexpr std::chrono::seconds after_sessions{5};  ///< Until the brokers have noticed that one is over.

bool has_members(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
           code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS || code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP;
}

/// The worst of what the brokers said; of topics that are no more they take no commit, and nobody needs one.
Result<rd_kafka_resp_err_t> write(rd_kafka_t* client, std::chrono::milliseconds timeout, const std::string& group,
                                  const Commits& commits) {
    const KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(commits.size())));
    for (const auto& [source, commit] : commits) add_commit(list.get(), source, commit);
    using Question =
        std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t, DestroyedBy<rd_kafka_AlterConsumerGroupOffsets_destroy>>;
    const Question question(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get()));
    auto* raw = question.get();
    auto event = answer_to(client, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, timeout,
                           [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                               rd_kafka_AlterConsumerGroupOffsets(client, &raw, 1, options, queue);
                           });
    if (!event) return fail(std::move(event).error());
    std::size_t count = 0;
    const auto** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event->get()), &count);
    auto worst = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (const auto* told : std::span(groups, count)) {
        if (const auto* error = rd_kafka_group_result_error(told)) worst = rd_kafka_error_code(error);
        const auto* partitions = rd_kafka_group_result_partitions(told);
        for (const auto& element : std::span(partitions->elems, static_cast<std::size_t>(partitions->cnt))) {
            const bool is_no_more = element.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
            if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR && !is_no_more) worst = element.err;
        }
    }
    return worst;
}

}  // namespace

Result<> settle_commits(const KafkaLogSettings& settings, const std::string& group,
                        const std::optional<StoreMark>& store) {
    KafkaProperties properties(settings.connection);
    properties.set("group.id", settings.group);  // Asks about groups only where it has one of its own.
    const auto client = properties.open(RD_KAFKA_CONSUMER);
    if (!client) return fail(client.error());
    const KafkaAdmin admin(settings, client->get());
    const auto deadline = std::chrono::steady_clock::now() + settings.session_timeout + after_sessions;
    for (;;) {
        // Read anew each time: whoever is in the group goes on committing.
        auto commits = admin.commits(group);
        if (!commits) return fail(std::move(commits).error());
        if (commits->empty()) return {};
        if (store) {
            for (auto& [source, commit] : *commits) {
                commit = with_mark({marked_commit(std::move(commit)).commit, store});
            }
        }
        const auto code = write(client->get(), settings.call_timeout, group, *commits);
        if (!code) return fail(code.error());
        if (*code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
        if (!has_members(*code)) return fail(kafka_error(*code));
        if (std::chrono::steady_clock::now() > deadline) {
            return fail(
                Errc::failed_precondition,
                fmt::format("The consumer group {} has members: stop every service of this Kafka.GroupId.", group));
        }
        wait_for(client->get(), settle_pause);
    }
}

}  // namespace productd
