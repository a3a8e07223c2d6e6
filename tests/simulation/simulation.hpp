// Runs one plan to its end, and judges it.
#pragma once

#include <functional>

#include "simulation/group.hpp"

namespace productd::simulation {

struct Verdict {
    std::string violation;  ///< Empty where all is well.
    std::uint64_t hash = 0;
    std::size_t steps = 0;
    std::chrono::milliseconds lasted{0};
    std::string story;
};

class Simulation {
public:
    /// Nothing is published and nobody has begun; `told_max`: events kept for the story.
    explicit Simulation(const Plan& plan, std::size_t told_max = 0);

    /// Steps until `done`, or something is violated, or that much time has passed; true where it is done.
    bool run_until(const std::function<bool()>& done, std::chrono::milliseconds at_most);
    /// Every message has ended and is committed.
    bool is_all_done() const;
    /// Messages of products that are broken for ever, which may have to be condemned: also once more, where a commit
    /// was lost.
    std::size_t broken_left() const;
    Verdict verdict() const;

    World world;
    Group group{world};

private:
    /// One step at the next moment at which anything happens; false when nothing ever will, or at `until`.
    bool step(Time until);

    std::size_t steps_ = 0;
    std::size_t idle_steps_ = 0;  ///< In a row, at one moment.
};

/// The plan's messages under its faults: everything ends within a time that the faults allow for.
Verdict simulate(const Plan& plan, std::size_t told_max = 0);
/// Switches off faults and takes away messages as long as it fails.
Plan smallest_failing(Plan plan);

}  // namespace productd::simulation
