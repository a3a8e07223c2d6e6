// One worker over the model, without any fault but what the scenario brings.
#pragma once

#include <gtest/gtest.h>

#include "simulation/simulation.hpp"
#include "simulation/workload.hpp"

namespace productd::simulation {

class Scenario : public ::testing::Test {
protected:
    using Time = std::chrono::milliseconds;

    Plan plan{.seed = 1, .faults_last = std::chrono::hours{100'000}};
    std::optional<Simulation> simulation;

    WorkerSettings& settings() { return plan.settings; }
    /// The worker begins; from here on the settings are fixed.
    void begin() {
        simulation.emplace(plan, 60);
        simulation->group.start();
    }
    World& world() { return simulation->world; }
    Truth& truth() { return world().truth; }
    const WorkerCore& core() { return simulation->group.members().front()->core(); }
    bool is_breaker_open() { return core().breaker({world().now, world().wall()}) != CircuitBreaker::State::closed; }

    void pass(Time time) {
        simulation->run_until([] { return false; }, time);
    }
    bool run_until(const std::function<bool()>& done, Time at_most) { return simulation->run_until(done, at_most); }
    Position publish(Change change) { return simulation::publish(world(), std::move(change)); }
    /// For so long from now on.
    void suffer(bool Weather::* what, Time time) {
        world().weather.*what = true;
        world().after(time, [this, what] { world().weather.*what = false; });
    }
    /// `what` again and again.
    void every(Time interval, Time until, const std::function<void()>& what) {
        for (auto at = interval; at <= until; at += interval) world().after(at, what);
    }
    void expect_all_done_within(Time time) {
        EXPECT_TRUE(run_until([&] { return simulation->is_all_done(); }, time))
            << truth().unended() << " have not ended, the first " << truth().first_unended() << '\n'
            << simulation->verdict().story;
        expect_sound();
    }
    void expect_sound() { EXPECT_EQ(truth().violation(), "") << simulation->verdict().story; }
    std::size_t letters() const {
        std::size_t letters = 0;
        for (const auto& [source, facts] : simulation->world.truth.log) {
            for (const auto& fact : facts) letters += fact.is_lettered ? 1U : 0U;
        }
        return letters;
    }
};

}  // namespace productd::simulation
