// What a member's thread and the subscriber on another thread tell each other.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "app/ports/message_log.hpp"
#include "async/waker.hpp"
#include "outbound/kafka/kafka_client.hpp"

namespace productd {

/// Events go one way, and wake the subscriber; its releases and its leaving go the other, and end the thread's waits.
class KafkaHandover {
public:
    /// A partition's messages, apart from all others'.
    struct Source {
        Assigned::Partition place;
        std::optional<StoreMark> store;  ///< What the group's commit rests on, wherever that stands.
        KafkaQueue messages;
    };
    using Event = std::variant<std::vector<Source>, Revoked, Error>;

    explicit KafkaHandover(std::shared_ptr<Waker> waker) : waker_(std::move(waker)) {}

    // The member's thread.
    void tell(Event event);
    /// Waits for `time`, or until the subscriber leaves.
    void pause(std::chrono::milliseconds time);
    /// Tells of a revocation and waits for its release, no longer than `limit`; not where the partitions are lost, nor
    /// once `is_lost` says so.
    void await_release(Revoked revoked, std::chrono::milliseconds limit, const std::function<bool()>& is_lost);
    /// The group has been left.
    void left();

    // The subscriber.
    /// What happened and was not taken yet.
    std::optional<Event> take();
    /// Once for each Revoked that it took, in their order.
    void released();
    void leave();
    /// Waits until the group has been left.
    bool left_by(Deadline deadline);

    // Any thread.
    bool is_leaving() const { return leaving_; }
    Waker& waker() { return *waker_; }
    /// Drops what was not taken, with the queues in it.
    void clear() { events_.clear(); }

private:
    std::shared_ptr<Waker> waker_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Event> events_;
    std::uint64_t revocations_ = 0;  ///< Told; the member's thread alone counts them.
    std::uint64_t releases_ = 0;     ///< An answer that comes too late is for its own revocation, not for a later one.
    std::atomic<bool> leaving_{false};
    bool has_left_ = false;
};

}  // namespace productd
