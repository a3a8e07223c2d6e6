// Patience sorting (https://en.wikipedia.org/wiki/Patience_sorting) with a bound on the piles. Calls SQLite at the
// start.
#include "outbound/sqlite/store/sqlite_store_lanes.hpp"

namespace productd {

namespace {

constexpr unsigned late_slot_bits = 18;
constexpr std::int64_t late_time_max = (std::int64_t{1} << (stream_bits - late_slot_bits)) - 1;

}  // namespace

Result<SqliteStoreLanes> SqliteStoreLanes::load(SqliteDatabase& database) {
    SqliteStoreLanes lanes;
    auto last = database.prepare(
        "SELECT position, created_at FROM products WHERE position BETWEEN ?1 AND ?2 ORDER BY position DESC LIMIT 1");
    if (!last) return fail(std::move(last).error());
    for (std::size_t number = 0; number < stream_count; ++number) {
        const auto stream = position_stream(number);
        auto& lane = lanes.lanes_[number];
        lane.end = stream.first;
        auto row = last->bind(stream.first, stream.last).step();
        if (!row) return fail(std::move(row).error());
        if (!*row) continue;
        lane = {last->integer(0), Timestamp(std::chrono::milliseconds(last->integer(1))), false};
        lanes.in_use_ |= 1U << number;
    }
    return lanes;
}

std::optional<std::int64_t> SqliteStoreLanes::place(Timestamp created_at) {
    Lane* best = nullptr;
    Lane* empty = nullptr;
    for (std::size_t number = 1; number < stream_count; ++number) {
        auto& lane = lanes_[number];
        if (lane.is_empty) {
            if (empty == nullptr) empty = &lane;
        } else if (lane.newest <= created_at && (best == nullptr || lane.newest > best->newest)) {
            best = &lane;
        }
    }
    if (best == nullptr) best = empty;
    if (best == nullptr) return std::nullopt;
    *best = {best->end + 1, created_at, false};
    in_use_ |= 1U << static_cast<unsigned>(best - lanes_.data());
    return best->end;
}

std::optional<PositionStream> SqliteStoreLanes::late(Timestamp created_at) {
    const auto time = created_at.time_since_epoch().count();
    if (time < 0 || time > late_time_max) return std::nullopt;
    const auto first = time << late_slot_bits;
    return PositionStream{first, first + ((std::int64_t{1} << late_slot_bits) - 1)};
}

}  // namespace productd
