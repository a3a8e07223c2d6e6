// Find, decide, write, and again for what lost a race; a create's product is presumed new at first. Calls the domain's
// decide(), the store and the cache.
#include "app/catalog/change_applier.hpp"

#include <array>
#include <unordered_map>

#include "app/catalog/product_size.hpp"

namespace productd {

namespace {

/// A change that loses more races than this in a row is left to be tried again.
constexpr int rounds_max = 16;

/// All changes of one product in one call: decided one after the other on what the one before leaves, written once.
struct Group {
    ProductId id;
    std::vector<std::size_t> changes;  ///< Indexes, in order.
    Stored stored;
    Stored next;
    CacheTicket ticket;   ///< Drawn before it was read.
    CachedProduct shown;  ///< What `next` looks like, once it is to be written.
    bool writes = false;
    bool is_presumed_new = false;  ///< What is stored was not looked at.

    /// What it is decided on from here.
    void found(Stored now) {
        stored = std::move(now);
        next = stored;
        writes = false;
    }
};

std::vector<Group> grouped(const std::vector<SharedChange>& changes) {
    std::vector<Group> groups;
    std::unordered_map<ProductId, std::size_t> group_of;
    group_of.reserve(changes.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto& id = changes[i]->id;
        const auto inserted = group_of.try_emplace(id, groups.size());
        if (inserted.second) groups.push_back({.id = id});
        groups[inserted.first->second].changes.push_back(i);
    }
    return groups;
}

Unchanged unchanged(const Stored& stored, const Change& change, Superseded::Why why) {
    const auto* past = history(stored);
    const bool was_applied = past && change.source && past->fences.proves(change.source->position);
    return {why, cached(stored), was_applied};
}

/// A product that would become too large is rejected instead.
Decision within_size(Decision decision, std::size_t product_bytes_max) {
    const auto* write = std::get_if<Write>(&decision);
    const auto* next = write ? std::get_if<StoredProduct>(&write->next) : nullptr;
    if (!next) return decision;
    auto fits = check_size(next->product, product_bytes_max);
    return fits ? std::move(decision) : Decision{Rejected{std::move(fits.error())}};
}

/// Decides a group's changes in order and notes each outcome as it will be once the group is written.
void decide_group(Group& group, const std::vector<SharedChange>& changes, std::size_t product_bytes_max,
                  std::vector<ChangeOutcome>& outcomes) {
    std::array<std::optional<ChangeOutcome>, change_kinds> held{};
    for (const auto index : group.changes) {
        const auto& change = *changes[index];
        // A change that must wait, or whose dead letter must be there first, holds the later ones of its kind: they
        // come from the same topic, and its product's fence would hide the earlier one.
        auto& kind_held = held[static_cast<std::size_t>(change.kind)];
        if (kind_held) {
            outcomes[index] = *kind_held;
            continue;
        }
        auto decision = within_size(decide(group.next, change), product_bytes_max);
        if (auto* write = std::get_if<Write>(&decision)) {
            group.next = std::move(write->next);
            group.writes = true;
            outcomes[index] = group.shown = cached(group.next);
        } else if (auto* superseded = std::get_if<Superseded>(&decision)) {
            outcomes[index] = unchanged(group.next, change, superseded->why);
        } else if (auto* refused = std::get_if<Refused>(&decision)) {
            outcomes[index] = std::move(*refused);
        } else if (auto* rejected = std::get_if<Rejected>(&decision)) {
            outcomes[index] = std::move(*rejected);
            kind_held = NotTried{};
        } else {
            outcomes[index] = NotApplied{};
            kind_held = NotApplied{};
        }
    }
}

/// What a failure of its product means for every change of a group.
void fail_group(const Group& group, const Error& error, std::vector<ChangeOutcome>& outcomes) {
    for (const auto index : group.changes) outcomes[index] = error;
}

std::vector<ProductId> ids_to_find(const std::vector<Group>& groups) {
    std::vector<ProductId> ids;
    ids.reserve(groups.size());
    for (const auto& group : groups) {
        if (!group.is_presumed_new) ids.push_back(group.id);
    }
    return ids;
}

/// Decides each group on what is stored: `found` has those of ids_to_find(), in their order.
void decide_all(std::vector<Group>& groups, std::vector<Found> found, const std::vector<SharedChange>& changes,
                std::size_t product_bytes_max, std::vector<ChangeOutcome>& outcomes) {
    auto next_found = found.begin();
    for (auto& group : groups) {
        auto stored = group.is_presumed_new ? Found{Nothing{}} : std::move(*next_found++);
        group.found(stored ? std::move(*stored) : Stored{});
        if (stored) {
            decide_group(group, changes, product_bytes_max, outcomes);
        } else {
            fail_group(group, stored.error(), outcomes);
        }
    }
}

/// What the groups write, which they have no more: who has to decide anew begins with what is read.
std::vector<ProductWrite> taken_writes(std::vector<Group>& groups) {
    std::vector<ProductWrite> writes;
    writes.reserve(groups.size());
    for (auto& group : groups) {
        if (group.writes) writes.push_back({version(group.stored), std::move(group.next)});
    }
    return writes;
}

std::vector<ProductVersion> written_versions(const std::vector<Group>& groups) {
    std::vector<ProductVersion> versions;
    for (const auto& group : groups) {
        if (group.writes) versions.push_back({group.id, group.shown.version.value_or(Version{})});
    }
    return versions;
}

bool waits(const Group& group, const std::vector<ChangeOutcome>& outcomes) {
    return std::holds_alternative<NotApplied>(outcomes[group.changes.front()]);
}

/// What a round leaves to be done.
struct Ended {
    std::vector<Group> again;
    std::vector<CacheEntry> stored;
    std::vector<ProductVersion> only_read;
};

/// `written` has an outcome for each group that writes.
Ended end_round(std::vector<Group>& groups, const std::vector<WriteOutcome>& written, bool is_last,
                std::vector<ChangeOutcome>& outcomes) {
    Ended ended;
    auto next_written = written.begin();
    for (auto& group : groups) {
        const auto outcome = group.writes ? *next_written++ : WriteOutcome{};
        const bool has_lost = group.writes && !outcome && outcome.error().code == Errc::aborted;
        if (group.writes && outcome) {
            ended.stored.push_back({group.id, std::move(group.shown), group.ticket});
        } else if (group.is_presumed_new || (has_lost && !is_last)) {
            ended.again.push_back(std::move(group));
        } else if (!group.writes) {
            // What was superseded may be what its first delivery never put into the cache.
            const auto known = version(group.stored);
            if (known && !waits(group, outcomes)) ended.only_read.push_back({group.id, *known});
        } else if (!has_lost) {
            fail_group(group, outcome.error(), outcomes);
        } else {
            for (const auto index : group.changes) outcomes[index] = LostRace{};
        }
    }
    return ended;
}

}  // namespace

/// Nearly all creates are of products that nobody has made, and the write is one only where nothing is stored: the look
/// before it would tell nothing, and cost the store as much again. Only a write that succeeds proves the presumption;
/// whatever else comes of it is decided anew, on what is read.
Task<std::vector<ChangeOutcome>> ChangeApplier::apply(std::vector<SharedChange> changes, CallContext context,
                                                      Creates creates) {
    std::vector<ChangeOutcome> outcomes(changes.size(), NotApplied{});
    auto open = grouped(changes);
    for (int round = 0; !open.empty(); ++round) {
        for (auto& group : open) {
            group.ticket = cache_.ticket(group.id);
            group.is_presumed_new = creates == Creates::presumed_new && round == 0 &&
                                    changes[group.changes.front()]->kind == ChangeKind::create;
        }
        Result<std::vector<Found>> found;
        if (auto ids = ids_to_find(open); !ids.empty()) found = co_await store_.find(std::move(ids), context);
        if (!found) co_return fail(std::move(found.error()));
        decide_all(open, std::move(*found), changes, product_bytes_max_, outcomes);

        auto writes = taken_writes(open);
        std::vector<WriteOutcome> written;
        if (!writes.empty()) {
            auto result = co_await store_.write(std::move(writes), context);
            if (!result) {
                // Any of it may be stored all the same.
                co_await cache_.forget_older(written_versions(open), context.trace);
                co_return fail(std::move(result.error()));
            }
            written = std::move(*result);
        }

        auto ended = end_round(open, written, round == rounds_max, outcomes);
        if (!ended.stored.empty()) co_await cache_.put_all(std::move(ended.stored), context.trace);
        if (!ended.only_read.empty()) co_await cache_.forget_older(std::move(ended.only_read), context.trace);
        open = std::move(ended.again);
    }
    co_return outcomes;
}

}  // namespace productd
