// How much work of a kind may be under way before all of it takes too long: a limit that follows what is done.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace productd {

/// An adaptive concurrency limit. While most of the work takes longer than it should, no more is let in than is done in
/// that time at the pace of now (Little's law: what is under way = done a second × seconds each takes); once it is in
/// time again the limit grows. Everything is let in until the first time that most of it was late, and after a rest.
///
/// What is slow without waiting for its like is no queue, and may take twice as long as it does: seen where few are
/// under way, and where fewer under way are done no sooner, or more no later (a store far away). Any thread may use it.
class AdaptiveLimit {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t least = 16;                 ///< May always be under way.
    static constexpr std::size_t none = 65'536;              ///< From here on everything is let in.
    static constexpr std::size_t few = 8;                    ///< So many at once wait for no other.
    static constexpr std::chrono::milliseconds window{250};  ///< What is measured together, at least.

    /// `target`: what work should take at most, with its wait; 0 lets in everything.
    explicit AdaptiveLimit(Clock::duration target) : target_(target), allowed_(target) {}
    AdaptiveLimit(const AdaptiveLimit&) = delete;
    AdaptiveLimit& operator=(const AdaptiveLimit&) = delete;

    /// What failed, or was given up, says nothing of how long work takes.
    enum class End { done, failed };

    /// False when no more may be under way; who is let in calls left().
    bool enter(Clock::time_point now);
    void left(Clock::time_point entered, Clock::time_point now, End end);

    /// From when it is let in until the end of its scope.
    class Place {
    public:
        explicit Place(AdaptiveLimit& limit) : limit_(limit), entered_(Clock::now()), is_in_(limit.enter(entered_)) {}
        ~Place() {
            if (is_in_) limit_.left(entered_, Clock::now(), end_);
        }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        bool is_in() const { return is_in_; }
        /// The work was done; without this it failed.
        void done() { end_ = End::done; }

    private:
        AdaptiveLimit& limit_;
        Clock::time_point entered_;
        bool is_in_;
        End end_ = End::failed;
    };

    struct Reading {
        std::size_t limit = none;
        std::size_t under_way = 0;
        std::uint64_t refused = 0;  ///< Since the start.
    };
    Reading reading() const;

private:
    struct Window {
        Clock::time_point began{};
        std::size_t done = 0;
        std::size_t late = 0;
        std::size_t most_under_way = 0;
        bool has_refused = false;
        Clock::duration took{};  ///< All that was done, summed.
    };
    /// Of a window: how many were under way on average, and how many were done a second.
    struct Pace {
        double under_way = 0;
        double done_a_second = 0;
    };
    void look(Clock::time_point now);
    void judge(Clock::duration passed);
    void cut(const Pace& pace);
    bool is_no_queue(const Pace& pace);
    void learn(const Pace& pace);

    const Clock::duration target_;
    mutable std::mutex mutex_;
    Clock::duration allowed_;      ///< The target, or twice what work takes that waits for no other.
    std::optional<Pace> crowded_;  ///< When it was first late.
    std::optional<Pace> least_;    ///< Before twice the least was let in, to see whether more is done then.
    std::size_t limit_ = none;
    std::size_t windows_at_least_ = 0;
    std::size_t under_way_ = 0;
    std::uint64_t refused_ = 0;
    Window window_;
};

}  // namespace productd
