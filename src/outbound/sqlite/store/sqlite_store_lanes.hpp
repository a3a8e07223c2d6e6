// Where a product stands in the store's file: its position, the row's number and the one the search index knows it by.
//
// Positions are close together and follow the time of creation, so that the index stays small (a number close to the
// one before takes a byte, one spread out by time takes five) and a search comes upon the newest products first without
// sorting. Products do not arrive quite in the order of their times (partitions, clocks, redeliveries), so there are
// seven lanes, each in order by itself: a product goes behind the newest one that is not newer than it. What fits in no
// lane goes to an eighth stream, where the position is the time itself. A search merges the streams that are in use.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "domain/product.hpp"
#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// A part of the positions in which the times of creation never fall as positions rise. Number 0 holds the late ones.
struct PositionStream {
    std::int64_t first;  ///< Inclusive.
    std::int64_t last;   ///< Inclusive.
};

constexpr std::size_t stream_count = 8;
constexpr unsigned stream_bits =
    60;  ///< The rest of a position: above it the stream's number, and the sign of a tombstone.

constexpr PositionStream position_stream(std::size_t number) {
    const auto first = static_cast<std::int64_t>(number) << stream_bits;
    return {first, first + ((std::int64_t{1} << stream_bits) - 1)};
}

/// A bit for each stream that may hold products. Told by the writer before it commits; read by searches.
using StreamsInUse = std::atomic<std::uint32_t>;

/// Gives positions to new products. For the one writer; copy it before a transaction and put the copy back if that
/// fails.
class SqliteStoreLanes {
public:
    /// Reads where each lane ends; a look-up a stream, however many products there are.
    static Result<SqliteStoreLanes> load(SqliteDatabase& database);

    /// The position for a product of this time, if one of the lanes takes it. Give times in ascending order where
    /// there is a choice.
    std::optional<std::int64_t> place(Timestamp created_at);

    /// The positions of late products of this time; nothing for a time before 1970 or after 2109, which has none.
    /// 2^18 products of one millisecond have room here.
    static std::optional<PositionStream> late(Timestamp created_at);
    void note_late() { in_use_ |= 1; }

    std::uint32_t in_use() const { return in_use_; }

private:
    struct Lane {
        std::int64_t end = 0;  ///< The last position given.
        Timestamp newest{};
        bool is_empty = true;
    };

    std::array<Lane, stream_count> lanes_;  // The first is not used.
    std::uint32_t in_use_ = 0;
};

}  // namespace productd
