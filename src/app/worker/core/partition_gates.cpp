// A partition is held for what comes of it, never for what others wait for.
#include "app/worker/core/partition_gates.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::size_t fetch_max = 1'000;
/// Messages fetched at a time while some partition's commit can tell of few more.
constexpr std::size_t cramped_fetch_max = 250;

}  // namespace

FetchRoom PartitionGates::fetch_room() const {
    bool are_creates_alone = true;
    bool is_cramped = false;
    for (const auto& [source, partition] : partitions_) {
        if (partition->is_held) continue;
        if (partition->kind != ChangeKind::create) are_creates_alone = false;
        // Where a commit has little room left, small steps let the partition go on.
        is_cramped = is_cramped || !partition->tracker.has_room(2 * fetch_max);
    }
    auto room = intake_.room(are_creates_alone && !partitions_.empty());
    room.messages = std::min(room.messages, is_cramped ? cramped_fetch_max : fetch_max);
    return room;
}

/// Reading on waits while too much is parked or fails, or the next commit could not tell what is finished. Creates are
/// never held for the sake of what waits for them.
bool PartitionGates::is_to_be_held(const OwnedPartition& partition) const {
    if (partition.crowded_lanes > 0 || !partition.tracker.has_room(cramped_fetch_max)) return true;
    if (partition.failing.messages > 0 && intake_.is_failing_share_full()) return true;
    if (partition.kind == ChangeKind::create) return false;
    return parking_.is_crowded(partition) || intake_.is_waiting_share_full() || !intake_.has_ordinary_room();
}

void PartitionGates::hold_and_resume() {
    for (const auto& [source, partition] : partitions_) {
        const bool is_held = is_to_be_held(*partition);
        if (std::exchange(partition->is_held, is_held) == is_held) continue;
        if (is_held) {
            effects_.emplace_back(HoldPartition{source});
        } else {
            effects_.emplace_back(ResumePartition{source});
        }
    }
}

}  // namespace productd
