// Messages that wait for their product: when the store is asked for it, and when they are given up.
#pragma once

#include "app/worker/core/commits.hpp"
#include "app/worker/core/store_call.hpp"
#include "app/worker/core/worker_settings.hpp"

namespace productd {

/// A parked message is overdue after Worker.NotFoundWait, which counts while the store works and the creates are read
/// past the message's time; the oldest of a partition with too many of them at once. It is given up by a look into the
/// store that began after it was overdue, and after this worker had read the creates to the end that the log told when
/// asked after that; and never while a create of its product is held here unfinished.
class Parking {
public:
    using Time = WorkItem::Time;

    struct Parts {
        Intake& intake;
        ProductLanes& lanes;
        Ends& ends;
        OwnedPartitions& partitions;
        Effects& effects;
        PipelineObserver& observer;
    };

    Parking(Parts parts, const WorkerSettings& settings);

    /// Notes now and then who is overdue. `counts`: the store works, so the time since the last such step counts.
    void let_time_pass(bool counts, const Now& now);
    /// When it is to be called the next time, while anything is held.
    Time next_tick(Time now) const;
    /// Products to look for, at most `max`, in turns; nothing when it is not time.
    std::vector<ProductId> next_look(std::size_t max, const Now& now);
    /// What the last look found for each, in the order asked.
    void looked(const std::vector<ProductId>& ids, const std::vector<Found>& found, const Now& now);

    /// Partitions were assigned: what the log told was not of them, nor is it of them that a look is ripe.
    void assigned() {
        known_ = {};
        ripe_.clear();
    }
    /// The log has told where the creates end, or why not.
    void creates_end(const Result<std::vector<TopicInfo>>& told);
    /// Whether so much of a partition is parked that no more of it may come.
    bool is_crowded(const OwnedPartition& partition) const;

private:
    void count_time(Lane& lane, std::chrono::milliseconds elapsed, const Now& now);
    bool settle_parked(Lane& lane, ChangeKind kind, const Found& found, const Now& now);
    void hurry_the_oldest(const Now& now);
    /// Whether a look that begins now may give it up.
    bool is_ripe(const WorkItem& item) const;
    bool is_read_up_to(Timestamp time) const;
    bool is_read_to_the_told_end() const;
    bool is_any_made_anew() const;
    void ask_where_creates_end(Time now);
    void ask_whether_unread_creates_remain(Time now);

    Parts parts_;
    const WorkerSettings& settings_;
    std::chrono::milliseconds tick_;
    std::optional<Time> ticked_;
    Time looked_at_{};
    std::set<Item> ripe_;     ///< At the last look's begin.
    ProductId looked_up_to_;  ///< The last product of the last look: others have their turn first.
    bool asking_ = false;
    bool are_creates_unread_ = false;   ///< Something parked waits for creates to be read.
    std::optional<Time> unread_since_;  ///< Since when it does, or was asked for it.
    Time asked_{};                      ///< When it was asked that is under way.
    Time known_{};                      ///< When it was asked that was answered last.
};

}  // namespace productd
