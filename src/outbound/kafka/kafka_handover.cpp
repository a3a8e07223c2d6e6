// A queue of events under a mutex, and the waits of both sides.
#include "outbound/kafka/kafka_handover.hpp"

namespace productd {

namespace {

constexpr std::chrono::milliseconds look_again{50};

}  // namespace

void KafkaHandover::tell(Event event) {
    {
        const std::scoped_lock lock(mutex_);
        events_.push_back(std::move(event));
    }
    waker_->wake();
}

void KafkaHandover::pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return leaving_.load(); });
}

void KafkaHandover::await_release(Revoked revoked, std::chrono::milliseconds limit,
                                  const std::function<bool()>& is_lost) {
    const auto mine = ++revocations_;
    const bool was_lost = revoked.is_lost;
    tell(std::move(revoked));
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::unique_lock lock(mutex_);
    while (releases_ < mine && !was_lost && !leaving_ && std::chrono::steady_clock::now() < deadline) {
        changed_.wait_for(lock, look_again);
        if (is_lost()) break;
    }
}

void KafkaHandover::left() {
    {
        const std::scoped_lock lock(mutex_);
        has_left_ = true;
    }
    changed_.notify_all();
}

std::optional<KafkaHandover::Event> KafkaHandover::take() {
    const std::scoped_lock lock(mutex_);
    if (events_.empty()) return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

void KafkaHandover::released() {
    {
        const std::scoped_lock lock(mutex_);
        ++releases_;
    }
    changed_.notify_all();
}

void KafkaHandover::leave() {
    leaving_ = true;
    changed_.notify_all();
}

bool KafkaHandover::left_by(Deadline deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [this] { return has_left_; });
}

}  // namespace productd
