// What a chaos node does to its service, as told on its command line. Every decision that is left to chance comes from
// the seed.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "app/events/topics.hpp"
#include "async/async.hpp"
#include "domain/position.hpp"

namespace productd::chaos {

/// Ends this process with SIGKILL at the N-th pass of one point.
class KillPoint {
public:
    KillPoint() = default;
    KillPoint(std::string name, std::uint64_t pass) : name_(std::move(name)), left_(pass) {}

    void pass(std::string_view name);

private:
    std::string name_;
    std::uint64_t left_ = 0;
};

/// A stretch of time that begins when it is first asked for.
class Outage {
public:
    void set(std::chrono::milliseconds length) { length_ = length; }
    bool is_on();
    bool is_planned() const { return length_.count() > 0; }

private:
    std::chrono::milliseconds length_{0};
    std::optional<Deadline> until_;
};

struct Faults {
    std::mt19937_64 random;
    KillPoint kill;

    // The store. Outages begin with the write call number `store_down_from`.
    std::uint64_t store_down_from = 1;
    Outage store_down;                         ///< Every call fails.
    Outage items_fail;                         ///< Every call answers, and every item of it fails alone.
    std::chrono::milliseconds store_delay{0};  ///< Before each call.
    std::uint64_t fail_every = 0;              ///< Each n-th item written fails alone; 0: none.
    Outage calls_fail;                         ///< Half of the calls fail as a whole, some of them after they wrote.

    // What lasts until the fault is lifted, which is when `others_finished_at` messages are finished; 0: never.
    std::optional<ProductId> blocked;  ///< Its writes fail alone.
    std::optional<ProductId> hanging;  ///< Calls that write it do not answer; once it is lifted they write, late.
    std::uint64_t hang_from = 0;       ///< From this write call on none answers; 0: all do.
    std::uint64_t others_finished_at = 0;
    // From write call number `waits_from` on all of them wait for a file; there is none of that name before.
    std::uint64_t waits_from = 0;  ///< 0: none waits.
    std::filesystem::path waits_for;
    bool is_lifted = false;

    // The log.
    std::string dead_letters = TopicNames{}.dead_letters;
    Outage letters_down;                           ///< The dead letter topic refuses.
    std::size_t letter_bytes_max = 0;              ///< It refuses larger ones for good; 0: takes all.
    std::uint64_t commit_fail_every = 0;           ///< Each n-th commit fails.
    std::uint64_t rebalance_every = 0;             ///< Messages between two rebalances.
    std::map<TopicPartition, std::int64_t> lives;  ///< Where the log of a partition is shown to begin anew, at 0.

    // What was done of that.
    std::uint64_t letters_refused = 0;  ///< As too large.
    std::uint64_t rebalances = 0;

    /// One JSON line for each assignment and commit, with what was done by then; empty: none.
    std::filesystem::path history;

    bool chance(double share) { return std::uniform_real_distribution<>(0, 1)(random) < share; }
};

}  // namespace productd::chaos
