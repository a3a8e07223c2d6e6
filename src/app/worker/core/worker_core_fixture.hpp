// The worker's core by hand: a step at a time on a clock that stands still, what it wants done looked at, and ended as
// the test says.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/worker/core/worker_core.hpp"
#include "fakes/sample_product.hpp"

namespace productd::test {

struct CoreObserver : PipelineObserver {
    std::map<Ending, int> endings;
    std::vector<std::pair<std::string, std::size_t>> retries;  ///< Code, and of how many changes.
    std::vector<std::chrono::nanoseconds> ages;                ///< Of what ended.
    std::vector<CircuitBreaker::State> breakers;
    std::vector<std::string> logs_failed;
    std::vector<std::pair<Rebalance, std::size_t>> rebalances;
    PipelineGauges last;
    std::size_t messages = 0;
    std::size_t batches = 0;
    std::size_t parked_early = 0;

    void received(ChangeKind, std::size_t more) override { messages += more; }
    void finished(const WorkItem&, Ending ending, std::chrono::nanoseconds since_arrival) override {
        ++endings[ending];
        ages.push_back(since_arrival);
    }
    void condemned(const WorkItem&, const Error&) override {}
    void batch(std::size_t, std::chrono::nanoseconds) override { ++batches; }
    void retried(const Error& error, std::span<const Item> items) override {
        retries.emplace_back(name(error.code), items.size());
    }
    void log_failed(std::string_view operation, const Error&) override { logs_failed.emplace_back(operation); }
    void parked_too_many(const TopicPartition&) override { ++parked_early; }
    void rebalanced(Rebalance what, std::size_t partitions) override { rebalances.emplace_back(what, partitions); }
    void breaker_changed(CircuitBreaker::State state) override { breakers.push_back(state); }
    void gauges(const PipelineGauges& now) override { last = now; }
};

class WorkerCoreFixture : public testing::Test {
protected:
    WorkerCoreFixture() {
        settings.parallelism = 1;
        settings.breaker.backoff = {std::chrono::milliseconds{1}, std::chrono::milliseconds{1}};
    }

    /// One partition of each topic, empty.
    void begin() {
        core.emplace(settings, observer, 1);
        assign({settings.topics.create, settings.topics.update, settings.topics.remove});
    }
    void assign(const std::vector<std::string>& topics) {
        Assigned assigned;
        for (const auto& topic : topics)
            assigned.partitions.push_back(
                {.source = {topic, 0}, .commit = {}, .begin = ends[topic], .end = ends[topic]});
        core->assigned(assigned, now);
        take();
    }
    void pass(std::chrono::milliseconds time) {
        now.steady += time;
        now.wall += time;
        core->on_time(now);
        take();
    }

    /// Messages of one kind, read in one step. Returns the last one's position.
    Position read(const std::vector<Change>& changes, const std::string& wait_id = {}) {
        Records records{.source = {settings.topics.of(changes.front().kind), 0}, .messages = {}};
        auto& end = ends[records.source.topic];
        for (auto change : changes) {
            change.time = now.wall;
            auto record = encode_event(records.source.topic, {std::move(change), wait_id, {}});
            records.messages.push_back({{records.source, end++, now.wall}, record.key, record.value, record.headers});
        }
        const auto last = records.messages.back().position;
        records.end = records.next = end;
        core->received(std::move(records), now);
        take();
        return last;
    }
    Position read(const Change& change, const std::string& wait_id = {}) { return read(std::vector{change}, wait_id); }
    static Change create(std::uint32_t number) { return create_of(id_of(number)); }
    static Change update(std::uint32_t number) { return update_of(id_of(number), 0); }
    static Change remove(std::uint32_t number) { return remove_of(id_of(number), 0); }

    /// The oldest call that runs; the test fails when there is none.
    StartCall call() { return first_of(calls); }
    StartLook look() { return first_of(looks); }
    static std::set<ProductId> ids_of(const StartCall& call) {
        std::set<ProductId> ids;
        for (const auto& change : call.changes) ids.insert(change->id);
        return ids;
    }

    static Applied standing() { return {std::make_shared<Product>(), Version{1}}; }
    void answer(const StartCall& call, std::vector<ChangeOutcome> outcomes) {
        core->call_ended(call.id, std::move(outcomes), now);
        take();
    }
    /// Everything in it alike.
    void answer(const StartCall& call, const ChangeOutcome& outcome) {
        answer(call, std::vector<ChangeOutcome>(call.changes.size(), outcome));
    }
    void apply(const StartCall& call) { answer(call, ChangeOutcome{standing()}); }
    void apply_all() {
        while (!calls.empty()) apply(call());
    }
    void fail_call(const StartCall& call, Errc code) {
        core->call_ended(call.id, fail(code, "no"), now);
        take();
    }
    void find(const StartLook& look, const Stored& stored = Nothing{}) {
        core->look_ended(look.id, std::vector<Found>(look.ids.size(), stored), now);
        take();
    }
    void end_probe(Result<> result = {}) {
        core->probe_ended(first_of(probes).id, result, now);
        take();
    }
    void acknowledge_letters() {
        for (const auto& letter : std::exchange(letters, {})) core->letter_acknowledged(letter.item, now);
        take();
    }
    void end_commit(Result<> result = {}) {
        const auto asked = first_of(commits);
        core->commit_ended(std::vector<Result<>>(asked.commits.size(), result), now);
        take();
    }
    /// The log tells where the creates end.
    void tell_creates_end() {
        TopicInfo creates{.topic = settings.topics.create, .partitions = {{0, 0, ends[settings.topics.create]}}};
        core->creates_end(std::vector{creates}, now);
        take();
    }

    template <class T>
    static T first_of(std::deque<T>& many) {
        if (many.empty()) {
            ADD_FAILURE() << "nothing of this kind is under way";
            throw std::logic_error("nothing is under way");
        }
        auto first = std::move(many.front());
        many.pop_front();
        return first;
    }

    /// What the core wanted done since, and what was not ended yet.
    void take() {
        for (auto& effect : core->take_effects()) std::visit([this](auto& one) { note(one); }, effect);
    }
    void note(StartCall& started) { calls.push_back(started); }
    void note(StartLook& started) { looks.push_back(started); }
    void note(StartProbe& started) { probes.push_back(started); }
    void note(CutCalls&) { ++cuts; }
    void note(WriteLetter& letter) { letters.push_back(letter); }
    void note(WriteCommits& asked) { commits.push_back(asked); }
    void note(AskWhereCreatesEnd&) { ++asks; }
    void note(TellOutcome& outcome) { told.push_back(outcome); }
    void note(HoldPartition& partition) { held.insert(partition.source.topic); }
    void note(ResumePartition& partition) { held.erase(partition.source.topic); }
    void note(ReleasePartitions& partitions) { released.push_back(partitions.partitions); }

    WorkerSettings settings;
    CoreObserver observer;
    std::optional<WorkerCore> core;
    Now now{WorkItem::Time{std::chrono::hours{1}}, at(1'700'000'000'000)};
    std::map<std::string, std::int64_t> ends;  ///< Of each topic's partition.

    std::deque<StartCall> calls;
    std::deque<StartLook> looks;
    std::deque<StartProbe> probes;
    std::deque<WriteLetter> letters;
    std::deque<WriteCommits> commits;
    std::vector<TellOutcome> told;
    std::vector<std::vector<TopicPartition>> released;
    std::set<std::string> held;  ///< Topics whose partition is held.
    int asks = 0;
    int cuts = 0;
};

}  // namespace productd::test
