// A subscription whose partitions come and go, and whose topics are made anew: what a broker's group does, over a log
// that has one member. It delivers by reading the log itself; the real subscription holds the group and commits.
#pragma once

#include <map>

#include "app/ports/message_log.hpp"
#include "chaos/node/faults.hpp"

namespace productd::chaos {

/// Each `rebalance_every` messages some partitions are revoked, assigned again once they were released, with a new
/// epoch, and delivered again from the last commit. A partition of `lives` is shown as two: the log up to the place
/// given, and then, from offset 0, what stands behind it.
class MovingSubscription final : public Subscription {
public:
    MovingSubscription(std::unique_ptr<Subscription> group, MessageLog& log, Faults& faults,
                       const asio::any_io_executor& executor)
        : group_(std::move(group)), log_(log), faults_(faults), wake_(executor) {}

    Task<SubscriptionEvent> next(FetchRoom room) override;
    Task<> commit(TopicPartition source, Commit commit) override;
    void hold(const TopicPartition& source) override { places_[source].is_held = true; }
    void resume(const TopicPartition& source) override;
    void released(const std::vector<TopicPartition>& partitions) override;
    void close() override;

    /// Where an offset shown now stands in the log. A partition that is not the group's is shown as it is.
    std::int64_t physical(const TopicPartition& source, std::int64_t shown) const;

private:
    struct Place {
        std::int64_t next = 0;  ///< In the log, as are all numbers here.
        std::int64_t end = 0;
        std::int64_t seen = 0;     ///< Behind the furthest delivered.
        std::int64_t anew = 0;     ///< Where its second life begins; 0 when it has one.
        std::int64_t current = 0;  ///< Where the life begins of what was delivered last.
        std::int64_t epoch = 1;
        std::optional<Commit> commit;
        bool is_owned = true;
        bool is_held = false;

        std::int64_t life_of(std::int64_t offset) const { return anew > 0 && offset >= anew ? anew : 0; }
    };

    Task<SubscriptionEvent> begin();
    Assigned::Partition assigned(const TopicPartition& source, Place& place);
    Revoked revoke();
    Task<> look_for_ends();
    Task<Records> read(TopicPartition source, FetchRoom room);

    std::unique_ptr<Subscription> group_;
    MessageLog& log_;
    Faults& faults_;
    Signal wake_;
    std::map<TopicPartition, Place> places_;
    std::vector<TopicPartition> released_;
    std::uint64_t delivered_ = 0;  ///< Since the last rebalance.
    std::size_t turn_ = 0;
    bool has_begun_ = false;
    bool is_closed_ = false;
};

}  // namespace productd::chaos
