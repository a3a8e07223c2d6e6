// The subcommands of chaos_node.
#pragma once

#include <iosfwd>

#include "app/worker/message_worker.hpp"
#include "chaos/node/faults.hpp"

namespace productd::chaos {

struct Run {
    std::filesystem::path data;
    std::string mongodb_uri;  ///< Where products are kept; empty: in store.db of the data folder.
    std::string mongodb_database;
    std::string mongodb_journal;  ///< The URI of the server itself, for how far its journal goes.
    WorkerSettings worker;
    Faults faults;
    std::chrono::milliseconds patience{
        60'000};                     ///< Without any progress, and for the end of a worker that was stopped.
    bool stop_when_hanging = false;  ///< Stops the worker as soon as a call does not answer.
};

/// Exit codes of run(), beside 0 (everything is finished and committed), 1 (it could not start) and the signal 9.
inline constexpr int exit_stuck = 3;
inline constexpr int exit_stopped = 4;  ///< As asked, with work left.

/// Runs the worker over the data folder until all of its topics is committed or it is to stop, then stops it and prints
/// one JSON line.
int run(Run asked);

/// Publishes the records of `in`, a JSON object a line: topic, partition, time (milliseconds), key, value (base64 or
/// null), headers (pairs of base64). Prints partition and offset of each, in order, once all are durable.
int publish(const std::filesystem::path& data, std::int32_t partitions, std::istream& in, std::ostream& out);

}  // namespace productd::chaos
