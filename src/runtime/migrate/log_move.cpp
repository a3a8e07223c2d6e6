// Batches, published; then both logs read once more. Calls the plan and the log.
#include "runtime/migrate/log_move.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace productd {

namespace {

constexpr std::size_t batch_records_max = 500;
constexpr std::size_t batch_bytes_max = 1 << 20;  // Or one.

std::size_t bytes_of(const Record& record) {
    return record.value.value_or("").size() + record.key.value_or("").size() + record.headers.bytes();
}

}  // namespace

Task<std::vector<MessageCounts>> LogMove::run() {
    std::vector<MessageCounts> all;
    for (const auto& topic : plan_.topics()) {
        auto counts = co_await move(topic);
        if (!counts) co_return fail(std::move(counts).error());
        all.push_back(std::move(*counts));
        if (topic.kind || topic.is_states || dry_run_) continue;
        auto there = co_await MovedMessages::read(to_, topic.to);
        if (!there) co_return fail(std::move(there).error());
        plan_.note_letters(std::move(*there));
    }
    co_return all;
}

/// For a dry run the topics need not have been made. Looked for among all there are, what is missing costs no wait.
Task<MovedMessages> LogMove::found_there(std::string topic) {
    if (dry_run_) {
        auto topics = co_await to_.describe({});
        if (!topics) co_return fail(std::move(topics).error());
        if (std::ranges::find(*topics, topic, &TopicInfo::topic) == topics->end()) co_return MovedMessages();
    }
    co_return co_await MovedMessages::read(to_, std::move(topic));
}

Task<MessageCounts> LogMove::move(LogPlan::Topic topic) {
    auto there = co_await found_there(topic.to);
    if (!there) co_return fail(std::move(there).error());
    auto reading = co_await plan_.read(std::move(topic));
    if (!reading) co_return fail(std::move(reading).error());
    MessageCounts counts{.topic = reading->topic.from};
    Records batch;
    for (std::size_t bytes = 0;;) {
        auto wanted = plan_.next(*reading);
        if (!wanted) co_return fail(std::move(wanted).error());
        if (*wanted && !there->of((*wanted)->origin).empty()) {
            ++counts.there;
            continue;
        }
        if (*wanted) {
            ++counts.moved;
            if (dry_run_) continue;
            bytes += bytes_of((*wanted)->record);
            batch.push_back(std::move(**wanted));
            if (batch.size() < batch_records_max && bytes < batch_bytes_max) continue;
        }
        auto done = co_await publish(std::exchange(batch, {}));
        if (!done) co_return fail(std::move(done).error());
        counts.finished = reading->finished;
        if (!*wanted) co_return counts;
        bytes = 0;
        told_(counts);
    }
}

Task<> LogMove::publish(Records records) {
    if (records.empty()) co_return Result<>{};
    std::vector<Record> given;
    for (auto& [origin, record] : records) {
        given.push_back(std::move(record));
        given.back().headers.push_back({migrated_from, origin});
    }
    auto outcomes = co_await to_.publish(std::move(given));
    if (!outcomes) co_return fail(std::move(outcomes).error());
    for (std::size_t i = 0; i < records.size(); ++i) {
        if ((*outcomes)[i]) continue;
        auto error = std::move((*outcomes)[i]).error();
        error.detail = fmt::format("{} could not be published: {}", records[i].origin, error.detail);
        co_return fail(std::move(error));
    }
    co_return Result<>{};
}

Task<std::string> LogMove::verify() {
    Sha256 sum;
    for (const auto& topic : plan_.topics()) {
        if (auto done = co_await verify_topic(topic, sum); !done) co_return fail(std::move(done).error());
    }
    co_return hex(sum.digest());
}

Task<> LogMove::verify_topic(LogPlan::Topic topic, Sha256& sum) {
    auto there = co_await MovedMessages::read(to_, topic.to);
    if (!there) co_return fail(std::move(there).error());
    if (!topic.is_states && !there->out_of_order().empty()) {
        co_return fail(Errc::data_loss, fmt::format("{} is not in its order in {}.", there->out_of_order(), topic.to));
    }
    auto reading = co_await plan_.read(std::move(topic));
    if (!reading) co_return fail(std::move(reading).error());
    for (;;) {
        const auto wanted = plan_.next(*reading);
        if (!wanted) co_return fail(wanted.error());
        if (!*wanted) co_return Result<>{};
        const auto& [origin, record] = **wanted;
        const auto found = there->of(origin);
        const auto digest = record_digest(record);
        const char* wrong = found.empty()                  ? "is not there"
                            : found.size() > 1             ? "is there twice"
                            : !says(found.front(), digest) ? "says something else there"
                                                           : nullptr;
        if (wrong != nullptr) co_return fail(Errc::data_loss, fmt::format("{} {} ({}).", origin, wrong, record.topic));
        sum.add(hex(digest));
    }
}

}  // namespace productd
