// What one simulation is made of: drawn from its seed, and changed when a failing one is made smaller.
#pragma once

#include <array>
#include <string_view>

#include "app/worker/core/worker_settings.hpp"

namespace productd::simulation {

enum class Fault {
    call_fails,        ///< A call of the store fails before it was done.
    answer_lost,       ///< A call is done, and fails all the same.
    call_hangs,        ///< A call does not answer; it is done late, or never.
    item_fails,        ///< One item of a call fails.
    outage,            ///< For a while every call fails.
    hanging,           ///< For a while no call answers.
    slow,              ///< For a while every call takes seconds.
    third_fails,       ///< For a while a third of all ids fails.
    writes_blocked,    ///< For a while reads work and writes do not.
    broken_products,   ///< Some products fail for ever, each in its own way.
    strangers,         ///< Others change products, between a read and a write too.
    orphans,           ///< Updates and removals of products that nobody creates.
    late_creates,      ///< Updates come before the create.
    repeated_creates,  ///< Creates of a product that is there.
    removals,
    conditions,       ///< Updates that expect a version.
    poison,           ///< Messages that nobody can read, or of a time that nobody believes.
    clocks,           ///< Message times are not in order, and members do not agree what time it is.
    gaps,             ///< Offsets without a message.
    positions_back,   ///< Who is given a partition reads it from the beginning.
    letters_refused,  ///< For a while no letter can be written.
    letters_late,
    commits_lost,
    ends_unknown,  ///< Nobody can tell where the creates end.
    crash,
    stop,       ///< In order, and started again.
    rebalance,  ///< Partitions go from one member to the other in order.
    lost,       ///< Partitions are another's before the old one hears of it.
    unkeyed,    ///< Some messages are in any partition, whatever their product.
    made_anew,  ///< A topic is deleted and made again, under members that have work of it. Only where times tell.
    count,
};
inline constexpr std::size_t fault_kinds = static_cast<std::size_t>(Fault::count);
std::string_view name(Fault fault);

struct Plan {
    std::uint64_t seed = 0;
    std::size_t messages = 0;
    std::size_t products = 0;
    std::int32_t partitions = 1;  ///< Of each topic.
    std::chrono::milliseconds published_within{0};
    std::chrono::milliseconds faults_last{0};
    std::size_t members = 1;
    std::array<bool, fault_kinds> faults{};
    WorkerSettings settings;

    bool has(Fault fault) const { return faults[static_cast<std::size_t>(fault)]; }
    void set(Fault fault, bool whether = true) { faults[static_cast<std::size_t>(fault)] = whether; }
};

Plan plan_of(std::uint64_t seed);
/// One line.
std::string to_string(const Plan& plan);

}  // namespace productd::simulation
