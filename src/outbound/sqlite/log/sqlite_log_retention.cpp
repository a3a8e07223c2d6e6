// What may go, by age and by size. Calls the file for ages and drops, the groups for what is still needed.
#include "outbound/sqlite/log/sqlite_log_retention.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::int64_t step_messages_max = 4'096;  // About 3 ms.

}  // namespace

SqliteLogRetention::SqliteLogRetention(const SqliteLogSettings& settings, SqliteLogFile& file, SqliteLogIndex& index,
                                       const SqliteLogGroups& groups)
    : settings_(settings), file_(file), index_(index), groups_(groups) {}

bool SqliteLogRetention::pressed() const { return index_.room().message_bytes() > settings_.log_bytes_max / 10 * 9; }

Timestamp SqliteLogRetention::now() const {
    if (settings_.now) return settings_.now();
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Result<bool> SqliteLogRetention::step() {
    auto found = candidates();
    if (!found) return fail(std::move(found).error());
    const auto limit = now() - settings_.age_max;
    const auto oldest = std::ranges::min_element(*found, {}, &Candidate::written_at);
    if (oldest == found->end()) return false;
    if (pressed()) return drop(*oldest, oldest->before);
    if (oldest->written_at > limit) return false;
    auto before = expired_before(*oldest, limit);
    if (!before) return fail(std::move(before).error());
    return drop(*oldest, *before);
}

Result<std::vector<SqliteLogRetention::Candidate>> SqliteLogRetention::candidates() {
    std::vector<Candidate> found;
    for (auto& partition : index_.partitions()) {
        if (partition.begin >= partition.end || index_.room().is_kept(partition.source.topic)) continue;
        const auto committed =
            groups_.lowest_commit(partition.source.topic, partition.id, partition.begin, settings_.guard_groups);
        // Nothing is finished in a topic that no consumer group reads: lack of room alone does not drop it.
        if (!committed && pressed()) continue;
        const auto before = std::min(committed.value_or(partition.end), partition.end);
        if (before <= partition.begin) continue;
        auto written_at = file_.written_at(partition.id, partition.begin);
        if (!written_at) return fail(std::move(written_at).error());
        found.push_back({std::move(partition), before, written_at->value_or(Timestamp{})});
    }
    return found;
}

/// The end of a run of expired messages from the candidate's first on: as long as one step may drop, or half of it, and
/// so on, judged by its last message, since messages are written in the order of their offsets.
Result<std::int64_t> SqliteLogRetention::expired_before(const Candidate& candidate, Timestamp limit) {
    const auto begin = candidate.partition.begin;
    for (auto count = std::min(step_messages_max, candidate.before - begin); count > 1; count /= 2) {
        auto written_at = file_.written_at(candidate.partition.id, begin + count - 1);
        if (!written_at) return fail(std::move(written_at).error());
        if (written_at->value_or(Timestamp{}) <= limit) return begin + count;
    }
    return begin + 1;
}

Result<bool> SqliteLogRetention::drop(const Candidate& candidate, std::int64_t before) {
    const auto& partition = candidate.partition;
    before = std::min(before, partition.begin + step_messages_max);
    auto bytes = file_.drop(partition.id, partition.begin, before);
    if (!bytes) return fail(std::move(bytes).error());
    index_.dropped(partition.id, before, *bytes);
    auto used = file_.used_bytes();
    if (!used) return fail(std::move(used).error());
    index_.room().set_used_bytes(*used);
    return true;
}

}  // namespace productd
