// What a member does with the log: fetching, letters, commits and partitions.
#include <fmt/format.h>

#include "simulation/group.hpp"

namespace productd::simulation {

using namespace std::chrono_literals;

void Member::fetch() {
    if (core_.has_stopped()) return;
    ++idle_fetches_;
    if (!core_.is_letting_go() && !news_.empty() && news_.front().from <= world_.now) {
        hear();
    } else if (!core_.is_letting_go()) {
        const auto room = core_.fetch_room(now());
        // What is fetched arrives a little later, and by then the core may have had other steps.
        if (room.messages > 0) {
            return after(world_.random.wait(0ms, 5ms), [room](Member& self) {
                self.read(room);
                self.after(self.pause(), [](Member& again) { again.fetch(); });
            });
        }
    }
    after(pause(), [](Member& self) { self.fetch(); });
}

/// Where nothing comes for long it asks less often: a simulation's steps are better spent otherwise.
std::chrono::microseconds Member::pause() {
    return idle_fetches_ < 50 ? world_.random.wait(1ms, 50ms) : world_.random.wait(100ms, 1'000ms);
}

void Member::hear() {
    auto [from, news, lives] = std::move(news_.front());
    news_.pop_front();
    if (auto* assigned = std::get_if<Assigned>(&news)) {
        world_.note(number_, [&] {
            return fmt::format("member {} is given {} partitions", number_, assigned->partitions.size());
        });
        for (const auto& partition : assigned->partitions) {
            const auto life = lives.at(partition.source);
            owned_[partition.source] = {partition.begin, partition.epoch, life, life};
            held_.erase(partition.source);
        }
        return step([&] { core_.assigned(*assigned, now()); });
    }
    auto& revoked = std::get<Revoked>(news);
    world_.note(number_, [&] {
        return fmt::format("member {} {} {} partitions", number_, revoked.is_lost ? "has lost" : "is to let go of",
                           revoked.partitions.size());
    });
    judge_time([turn = ++told_to_let_go_](Member& self) { return self.have_let_go_ >= turn; }, "lets go of partitions");
    step([&] { core_.revoked(std::move(revoked), now()); });
}

/// The log tells that it has no such position, and it reads on from the beginning.
void Member::begin_anew(const TopicPartition& source, Owned& owned) {
    const auto life = world_.truth.life(source);
    if (owned.life == life) return;
    owned.life = life;
    owned.next = 0;
}

std::uint32_t Member::life_met(const TopicPartition& source) const {
    const auto found = owned_.find(source);
    return found == owned_.end() ? 0 : found->second.met;
}

void Member::read(FetchRoom room) {
    if (core_.is_letting_go() || core_.has_stopped()) return;
    std::vector<TopicPartition> readable;
    for (auto& [source, owned] : owned_) {
        begin_anew(source, owned);
        const bool has_more = owned.next < static_cast<std::int64_t>(world_.truth.log[source].size());
        if (has_more && !held_.contains(source)) readable.push_back(source);
    }
    if (readable.empty()) return;
    const auto source = world_.random.one_of(readable);
    const auto& log = world_.truth.log[source];
    auto& owned = owned_[source];
    auto& next = owned.next;
    Records records{.source = source, .messages = {}, .end = static_cast<std::int64_t>(log.size())};
    if (!world_.random.one_in(2)) room.messages = 1 + world_.random.below(room.messages);
    Fetch fetch(room);
    for (; next < records.end && records.messages.size() < room.messages; ++next) {
        const auto& fact = log[static_cast<std::size_t>(next)];
        if (fact.is_gap) continue;
        if (!fetch.takes(wire_bytes(fact.message))) break;
        records.messages.push_back(fact.message);
    }
    records.next = next;
    if (!records.messages.empty()) owned.met = owned.life;
    world_.note(static_cast<std::uint64_t>(next), [&] {
        return fmt::format("member {} reads {}/{} up to {}", number_, source.topic, source.partition, next);
    });
    idle_fetches_ = 0;
    step([&] { core_.received(std::move(records), now()); });
}

// ---------------------------------------------------------------------------------------------- letters

void Member::perform(const WriteLetter& letter) {
    const auto& position = letter.item->message.position;
    world_.note(static_cast<std::uint64_t>(position.offset),
                [&] { return fmt::format("member {} condemns {} as {}", number_, to_string(position), letter.code); });
    world_.truth.condemn(position, letter.code, group_.owns_all_creates(*this));
    after(world_.random.wait(1ms, 10ms), [item = letter.item](Member& self) { self.write_letter(item); });
}

void Member::write_letter(const Item& item) {
    if (core_.has_stopped()) return;
    if (world_.weather.letters_refused) {
        return after(world_.random.wait(10ms, 1'000ms), [item](Member& self) { self.write_letter(item); });
    }
    const auto& position = item->message.position;
    world_.truth.letter(position);
    world_.note(static_cast<std::uint64_t>(position.offset), [&] { return "letter of " + to_string(position); });
    const auto late =
        world_.may(Fault::letters_late) ? world_.random.wait(1ms, 20'000ms) : world_.random.wait(1ms, 5ms);
    after(late, [item](Member& self) {
        if (self.core_.has_stopped()) return;
        self.step([&] { self.core_.letter_acknowledged(item, self.now()); });
    });
}

// ---------------------------------------------------------------------------------------------- commits

void Member::perform(const WriteCommits& told) {
    std::vector<std::uint32_t> lives;
    for (const auto& [source, commit] : told.commits) {
        world_.note(static_cast<std::uint64_t>(commit.offset), [&] {
            return fmt::format("member {} commits {}/{} at {} {}", number_, source.topic, source.partition,
                               commit.offset, commit.metadata);
        });
        lives.push_back(life_met(source));
        if (lives.back() == world_.truth.life(source)) world_.truth.commit(source, commit);
    }
    const bool is_lost = world_.may(Fault::commits_lost) && world_.random.one_in(3);
    after(world_.random.wait(1ms, 20ms), [told, is_lost, lives](Member& self) {
        std::vector<Result<>> results;
        for (const auto& [source, commit] : told.commits) {
            const bool is_of_this_life = lives[results.size()] == self.world_.truth.life(source);
            const bool counts = is_of_this_life && self.group_.is_owner(self, source);
            if (counts && !is_lost) self.world_.committed[source] = commit;
            results.push_back(counts && !is_lost ? Result<>{} : fail(Errc::aborted, "The commit was refused."));
        }
        self.after(self.world_.random.wait(1ms, 20ms), [results](Member& answered) {
            answered.step([&] { answered.core_.commit_ended(results, answered.now()); });
        });
    });
}

void Member::perform(const AskWhereCreatesEnd&) {
    world_.note(number_, [&] { return fmt::format("member {} asks where the creates end", number_); });
    after(world_.random.wait(1ms, 50ms), [](Member& self) {
        Result<std::vector<TopicInfo>> told;
        if (self.world_.weather.ends_unknown) told = fail(Errc::unavailable, "The log is down.");
        TopicInfo creates{.topic = self.world_.plan.settings.topics.create};
        for (const auto& source : self.group_.partitions()) {
            const auto end = static_cast<std::int64_t>(self.world_.truth.log[source].size());
            if (source.topic == creates.topic) creates.partitions.push_back({source.partition, 0, end});
        }
        if (told) told->push_back(creates);
        self.after(self.world_.random.wait(1ms, 50ms), [told](Member& answered) {
            answered.step([&] { answered.core_.creates_end(told, answered.now()); });
        });
    });
}

void Member::perform(const TellOutcome& told) {
    const auto& fact = world_.truth.at(told.position);
    if (std::holds_alternative<Applied>(told.outcome) && !fact.is_ended()) {
        world_.truth.violate(fmt::format("TOLD WRONGLY: {} as applied", to_string(told.position)));
    }
}

void Member::perform(const HoldPartition& held) {
    world_.note(number_, [&] {
        return fmt::format("member {} holds {}/{}", number_, held.source.topic, held.source.partition);
    });
    held_.insert(held.source);
}

void Member::perform(const ResumePartition& resumed) {
    world_.note(number_, [&] {
        return fmt::format("member {} resumes {}/{}", number_, resumed.source.topic, resumed.source.partition);
    });
    held_.erase(resumed.source);
}

void Member::perform(const ReleasePartitions& released) {
    world_.note(released.partitions.size(), [&] {
        return fmt::format("member {} has let go of {} partitions", number_, released.partitions.size());
    });
    ++have_let_go_;
    group_.released(*this, released.partitions);
    for (const auto& source : released.partitions) {
        owned_.erase(source);
        held_.erase(source);
    }
}

}  // namespace productd::simulation
