// One worker of the group: the real core in the model's shell. Its end is a crash; what it had under way may still be
// done by the store.
#pragma once

#include "app/worker/core/worker_core.hpp"
#include "simulation/one_call.hpp"

namespace productd::simulation {

class Group;

class SilentObserver : public PipelineObserver {
    void received(ChangeKind, std::size_t) override {}
    void finished(const WorkItem&, Ending, std::chrono::nanoseconds) override {}
    void condemned(const WorkItem&, const Error&) override {}
    void batch(std::size_t, std::chrono::nanoseconds) override {}
    void retried(const Error&, std::span<const Item>) override {}
    void log_failed(std::string_view, const Error&) override {}
    void parked_too_many(const TopicPartition&) override {}
    void rebalanced(Rebalance, std::size_t) override {}
    void breaker_changed(CircuitBreaker::State) override {}
    void gauges(const PipelineGauges&) override {}
};

/// A shared one: what it schedules finds out by a weak pointer that it has crashed.
class Member : public std::enable_shared_from_this<Member> {
public:
    Member(World& world, Group& group, std::size_t number);
    ~Member();

    /// Begins to fetch.
    void start();
    void stop();
    /// Told with a fetch, in order, and not before `from`.
    void tell(std::variant<Assigned, Revoked> news, Time from);
    void on_time();

    Time wake_at() const { return core_.wake_at(now()); }
    bool has_stopped() const { return core_.has_stopped(); }
    /// Of what it was given last; 0 for what it does not own.
    std::int64_t epoch(const TopicPartition& source) const;
    std::size_t number() const { return number_; }
    const WorkerCore& core() const { return core_; }

private:
    struct Owned {
        std::int64_t next = 0;
        std::int64_t epoch = 0;
        std::uint32_t life = 0;  ///< That `next` is of.
        std::uint32_t met = 0;   ///< Of the last message read.
    };

    /// One step of the core, and what it wants done.
    void step(const std::function<void()>& step);
    /// Later, unless it has crashed by then.
    void after(std::chrono::microseconds wait, std::function<void(Member&)> what);
    Now now() const { return {world_.now, world_.wall() + skew_}; }
    void judge_bounds();

    void perform(const StartCall& started);
    void perform(const StartLook& look);
    void perform(const StartProbe& probe);
    void perform(const CutCalls&);
    void perform(const WriteLetter& letter);
    void perform(const WriteCommits& told);
    void perform(const AskWhereCreatesEnd&);
    void perform(const TellOutcome& told);
    void perform(const HoldPartition& held);
    void perform(const ResumePartition& resumed);
    void perform(const ReleasePartitions& released);

    template <class T, class Begin, class End>
    void call(CallId id, std::chrono::milliseconds limit, std::vector<SharedChange> changes, const Begin& begin,
              const End& end);
    void write_letter(const Item& item);
    void fetch();
    std::chrono::microseconds pause();
    void hear();
    /// That it does in time what it was told to do.
    void judge_time(std::function<bool(Member&)> is_done, std::string_view what);
    /// That a commit of this partition is of.
    std::uint32_t life_met(const TopicPartition& source) const;
    void begin_anew(const TopicPartition& source, Owned& owned);
    void read(FetchRoom room);

    World& world_;
    Group& group_;
    std::size_t number_;
    std::chrono::milliseconds skew_{0};  ///< Of its clock.
    SilentObserver observer_;
    WorkerCore core_;
    std::map<CallId, std::pair<std::shared_ptr<OneCall>, std::function<void()>>> calls_;  ///< And what ends each.
    std::map<TopicPartition, Owned> owned_;
    std::set<TopicPartition> held_;
    std::size_t told_to_let_go_ = 0;
    std::size_t have_let_go_ = 0;
    std::size_t idle_fetches_ = 0;
    struct News {
        Time from;
        std::variant<Assigned, Revoked> told;
        std::map<TopicPartition, std::uint32_t> lives;  ///< Of partitions, when it was told.
    };
    std::deque<News> news_;
};

}  // namespace productd::simulation
