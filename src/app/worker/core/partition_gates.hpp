// Which partitions are held back, and how much the next fetch of the others may bring.
#pragma once

#include "app/worker/core/parking.hpp"

namespace productd {

class PartitionGates {
public:
    PartitionGates(const OwnedPartitions& partitions, const Intake& intake, const Parking& parking, Effects& effects)
        : partitions_(partitions), intake_(intake), parking_(parking), effects_(effects) {}

    /// After anything that may have filled or emptied a share, a lane or a commit.
    void hold_and_resume();
    FetchRoom fetch_room() const;

private:
    bool is_to_be_held(const OwnedPartition& partition) const;

    const OwnedPartitions& partitions_;
    const Intake& intake_;
    const Parking& parking_;
    Effects& effects_;
};

}  // namespace productd
