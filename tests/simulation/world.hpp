// The model's world: time that jumps from one thing to the next, the log and the store (with the truth), and the faults
// that are in force.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>

#include "simulation/plan.hpp"
#include "simulation/random.hpp"
#include "simulation/story.hpp"
#include "simulation/truth.hpp"

namespace productd::simulation {

/// What the store and the letters' topic suffer from now.
struct Weather {
    bool is_down = false;
    bool hangs = false;
    bool is_slow = false;
    bool third_fails = false;
    bool writes_blocked = false;
    bool letters_refused = false;
    bool ends_unknown = false;
};

struct World {
    World(const Plan& its_plan, std::size_t told_max) : plan(its_plan), random(plan.seed * 2 + 1), story(told_max) {}

    /// For the coroutines of the real applier, polled until nothing is left. First: what waits in it goes before it.
    boost::asio::io_context loop{1};
    Plan plan;
    Random random;
    Story story;
    Truth truth;
    Weather weather;
    std::map<TopicPartition, Commit> committed;
    Time now = start;
    std::multimap<Time, std::function<void()>> schedule;

    static constexpr Time start{std::chrono::hours{1}};
    static constexpr Timestamp wall_start{std::chrono::milliseconds{1'700'000'000'000}};

    void after(std::chrono::microseconds wait, std::function<void()> what) {
        schedule.emplace(now + wait, std::move(what));
    }
    Timestamp wall() const { return wall_start + std::chrono::duration_cast<std::chrono::milliseconds>(now - start); }
    bool are_faults_over() const { return now - start >= plan.faults_last; }
    /// Whether this fault is planned, and not over.
    bool may(Fault fault) const { return plan.has(fault) && !are_faults_over(); }
    /// `what` tells the events of one time apart.
    template <class Tell>
    void note(std::uint64_t what, Tell&& tell) {
        story.note(now - start, what, std::forward<Tell>(tell));
    }
};

}  // namespace productd::simulation
