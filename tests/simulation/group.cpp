// Joining, leaving, crashing, and moving partitions from one member to another.
#include "simulation/group.hpp"

#include <fmt/format.h>

namespace productd::simulation {

using namespace std::chrono_literals;

Group::Group(World& world) : world_(world), members_(world.plan.members) {
    for (const auto& topic : world.plan.settings.topics.sources()) {
        for (std::int32_t partition = 0; partition < world.plan.partitions; ++partition) {
            partitions_.push_back({topic, partition});
            world.truth.log[{topic, partition}];
        }
    }
}

void Group::start() {
    for (std::size_t number = 0; number < members_.size(); ++number) join(number);
    for (const auto fault : {Fault::crash, Fault::stop, Fault::rebalance, Fault::lost}) {
        if (world_.plan.has(fault)) return world_.after(world_.random.wait(0ms, 5'000ms), [this] { trouble(); });
    }
}

void Group::join(std::size_t number) {
    members_[number] = std::make_shared<Member>(world_, *this, number);
    world_.note(number, [&] { return fmt::format("member {} begins", number); });
    members_[number]->start();
    assign();
}

bool Group::is_owner(const Member& member, const TopicPartition& source) const {
    const auto owner = owners_.find(source);
    return owner != owners_.end() && owner->second == Owner{member.number(), member.epoch(source)};
}

bool Group::owns_all_creates(const Member& member) const {
    return std::ranges::all_of(partitions_, [&](const TopicPartition& source) {
        return source.topic != world_.plan.settings.topics.create || is_owner(member, source);
    });
}

void Group::assign() {
    std::map<std::size_t, Assigned> news;
    std::vector<std::size_t> there;
    for (std::size_t number = 0; number < members_.size(); ++number) {
        if (members_[number] && !members_[number]->core().has_stopped()) there.push_back(number);
    }
    if (there.empty()) return;
    for (const auto& source : partitions_) {
        if (owners_.contains(source)) continue;
        const auto owner = world_.random.one_of(there);
        owners_[source] = {owner, ++epoch_};
        const auto commit = world_.committed.find(source);
        Assigned::Partition given{.source = source, .epoch = epoch_};
        if (commit != world_.committed.end()) given.commit = commit->second;
        if (world_.may(Fault::positions_back) && world_.random.one_in(3)) given.commit.reset();
        given.begin = given.commit ? given.commit->offset : 0;
        given.end = static_cast<std::int64_t>(world_.truth.log[source].size());
        if (world_.weather.ends_unknown) {
            given.is_end_known = false;
            given.end = given.begin;
        }
        news[owner].partitions.push_back(std::move(given));
    }
    for (auto& [owner, assigned] : news) members_[owner]->tell(std::move(assigned), world_.now);
}

void Group::released(const Member& member, const std::vector<TopicPartition>& partitions) {
    bool is_any_free = false;
    for (const auto& source : partitions) {
        if (!is_owner(member, source) || moving_.erase(source) == 0) continue;
        owners_.erase(source);
        is_any_free = true;
    }
    if (is_any_free) world_.after(world_.random.wait(1ms, 500ms), [this] { assign(); });
}

// ---------------------------------------------------------------------------------------------- trouble

/// Until the faults are over.
void Group::trouble() {
    if (world_.are_faults_over()) return;
    std::vector<Fault> planned;
    for (const auto fault : {Fault::crash, Fault::stop, Fault::rebalance, Fault::lost}) {
        if (world_.plan.has(fault)) planned.push_back(fault);
    }
    const auto number = world_.random.below(members_.size());
    switch (world_.random.one_of(planned)) {
        case Fault::crash: crash(number); break;
        case Fault::stop:
            if (members_[number]) members_[number]->stop();
            break;
        case Fault::rebalance: move(false); break;
        default: move(true); break;
    }
    world_.after(world_.random.wait(10ms, world_.random.one_in(2) ? 1'000ms : 20'000ms), [this] { trouble(); });
}

void Group::crash(std::size_t number) {
    if (!members_[number]) return;
    world_.note(number, [&] { return fmt::format("member {} crashes", number); });
    leave(number);
}

void Group::leave(std::size_t number) {
    members_[number].reset();
    std::erase_if(moving_, [&](const TopicPartition& source) { return owners_.at(source).number == number; });
    std::erase_if(owners_, [&](const auto& owned) { return owned.second.number == number; });
    // The others are given its partitions, now or once it is back.
    world_.after(world_.random.wait(0ms, 10'000ms), [this] { assign(); });
    world_.after(world_.random.wait(1ms, 5'000ms), [this, number] { join(number); });
}

void Group::bury_the_stopped() {
    for (std::size_t number = 0; number < members_.size(); ++number) {
        if (!members_[number] || !members_[number]->has_stopped()) continue;
        world_.note(number, [&] { return fmt::format("member {} has stopped", number); });
        leave(number);
    }
}

void Group::move(bool is_lost) {
    const auto from = world_.random.below(members_.size());
    if (!members_[from]) return;
    Revoked revoked{.partitions = {}, .is_lost = is_lost};
    const bool are_all = world_.random.one_in(2);
    for (const auto& [source, owner] : owners_) {
        if (owner.number != from || moving_.contains(source)) continue;
        if (are_all || world_.random.one_in(2)) revoked.partitions.push_back(source);
    }
    if (revoked.partitions.empty()) return;
    if (!is_lost) {
        moving_.insert(revoked.partitions.begin(), revoked.partitions.end());
        return members_[from]->tell(std::move(revoked), world_.now);
    }
    world_.note(from, [&] { return fmt::format("member {} loses {} partitions", from, revoked.partitions.size()); });
    for (const auto& source : revoked.partitions) owners_.erase(source);
    // The old owner goes on for a while without knowing.
    members_[from]->tell(std::move(revoked), world_.now + world_.random.wait(0ms, 10'000ms));
    assign();
}

}  // namespace productd::simulation
