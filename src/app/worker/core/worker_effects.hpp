// What the worker's core wants done. The shell does it, in this order, and tells the core how it ended.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/catalog/change_applier.hpp"
#include "app/ports/outcomes.hpp"
#include "app/worker/core/work_item.hpp"

namespace productd {

using CallId = std::uint64_t;

/// Apply these, within the limit; its end is WorkerCore::call_ended().
struct StartCall {
    CallId id = 0;
    std::vector<SharedChange> changes;
    std::chrono::milliseconds limit{};
    Creates creates = Creates::presumed_new;
    SpanContext trace;   ///< Of the call: sampled if any of the messages is.
    SpanContext parent;  ///< Of the first of these.
};
/// Read what is stored under these ids; its end is WorkerCore::look_ended().
struct StartLook {
    CallId id = 0;
    std::vector<ProductId> ids;
    std::chrono::milliseconds limit{};
};
/// Write the worker's own record; its end is WorkerCore::probe_ended().
struct StartProbe {
    CallId id = 0;
    std::chrono::milliseconds limit{};
};
/// End the calls that run: partitions are let go, and Worker.DrainLimit is over.
struct CutCalls {};

/// Write a dead letter, for as long as it takes; then WorkerCore::letter_acknowledged().
struct WriteLetter {
    Item item;
    Error error;
    std::string code;
};
/// One such at a time; its end is WorkerCore::commit_ended().
struct WriteCommits {
    std::vector<std::pair<TopicPartition, Commit>> commits;
};
/// Ask the log where the creates end; the answer is WorkerCore::creates_end().
struct AskWhereCreatesEnd {};

struct TellOutcome {
    std::string wait_id;
    Position position;
    Outcome outcome;
};
struct HoldPartition {
    TopicPartition source;
};
struct ResumePartition {
    TopicPartition source;
};
/// All that they had at work has ended and is committed, unless they were lost.
struct ReleasePartitions {
    std::vector<TopicPartition> partitions;
};

using Effect = std::variant<StartCall, StartLook, StartProbe, CutCalls, WriteLetter, WriteCommits, AskWhereCreatesEnd,
                            TellOutcome, HoldPartition, ResumePartition, ReleasePartitions>;
using Effects = std::vector<Effect>;

}  // namespace productd
