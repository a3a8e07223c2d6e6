// How far a store's file has come, so that who depends on it can tell whether it is still the one it was.
#pragma once

#include <cstdint>

namespace productd {

struct StoreMark {
    std::int64_t incarnation = 0;  ///< Drawn when the file was made.
    std::int64_t changes = 0;      ///< Transactions since; a mark counts once its transaction is durable.
    bool operator==(const StoreMark&) const = default;

    /// Whether it stands behind all that `seen` stood behind.
    bool has(const StoreMark& seen) const { return incarnation == seen.incarnation && changes >= seen.changes; }
};

}  // namespace productd
