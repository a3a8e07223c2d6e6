// Who owns which partition: the members, and how they come and go.
#pragma once

#include "simulation/member.hpp"

namespace productd::simulation {

class Group {
public:
    explicit Group(World& world);

    /// Every planned member begins; faults of the group begin too.
    void start();
    /// Partitions that nobody owns are given to members.
    void assign();
    void released(const Member& member, const std::vector<TopicPartition>& partitions);
    /// Whether a commit of this member counts.
    bool is_owner(const Member& member, const TopicPartition& source) const;
    bool owns_all_creates(const Member& member) const;

    std::vector<std::shared_ptr<Member>>& members() { return members_; }
    const std::vector<TopicPartition>& partitions() const { return partitions_; }
    /// After each step: who has stopped leaves.
    void bury_the_stopped();
    /// It comes back in some seconds.
    void crash(std::size_t number);

private:
    void join(std::size_t number);
    void leave(std::size_t number);
    void trouble();
    void move(bool is_lost);

    World& world_;
    std::vector<TopicPartition> partitions_;
    std::vector<std::shared_ptr<Member>> members_;  ///< Null while it is down.
    struct Owner {
        std::size_t number = 0;
        std::int64_t epoch = 0;
        auto operator<=>(const Owner&) const = default;
    };
    std::map<TopicPartition, Owner> owners_;
    std::int64_t epoch_ = 0;
    std::set<TopicPartition> moving_;  ///< Still to be released.
};

}  // namespace productd::simulation
