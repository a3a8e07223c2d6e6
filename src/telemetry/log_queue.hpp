// Lines on their way to a descriptor: taken from any thread, which wakes nobody as a rule, and written many at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace productd::log {

enum class Urgency {
    soon,     ///< Within `write_delay`.
    at_once,  ///< With all that waits.
};

class LogQueue {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// What the writing thread does beside; told the time, it says when it is to be asked next. Must not throw.
    using Chores = std::function<Time(Time)>;

    /// How long a line may wait for others to be written with, and what bounds them beside their number.
    static constexpr std::chrono::milliseconds write_delay{50};
    static constexpr std::size_t bytes_max = 16 * 1024 * 1024;
    static constexpr Time never = Time::max();

    LogQueue() = default;
    ~LogQueue() { stop(); }
    LogQueue(const LogQueue&) = delete;
    LogQueue& operator=(const LogQueue&) = delete;

    /// Writes to `descriptor` by a thread of its own from now on. `lines_max`: when as many wait, the oldest are
    /// dropped and counted, a block at a time: a sixteenth of them, or 64 KiB.
    void start(int descriptor, std::size_t lines_max, Chores chores);
    /// Writes what waits and ends the thread. What comes after is not written, nor counted.
    void stop();
    /// `line` with its end. Never waits for whoever reads the descriptor.
    void add(std::string_view line, Urgency urgency);
    /// The chores are due then, if not earlier.
    void have_chores_by(Time time);
    /// Since the process began, with those that could not be written.
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    /// For a process that ends where it stands, in the handler of a signal: writes what waits, if nobody holds it.
    void last_words() noexcept;

private:
    struct Block {
        std::string text;
        std::size_t lines = 0;
    };

    void run();
    void wait(std::unique_lock<std::mutex>& lock);
    void write(const std::deque<Block>& blocks);
    bool make_room(std::size_t bytes);
    Block& block_for(std::size_t bytes);
    void keep_spare(std::deque<Block>& written);

    std::mutex mutex_;  // Of all that follows, but what is atomic.
    std::condition_variable changed_;
    std::deque<Block> waiting_;  ///< Oldest first; the last is being filled.
    std::vector<std::string> spare_;
    std::size_t lines_ = 0;
    std::size_t bytes_ = 0;
    std::size_t lines_max_ = 0;
    std::size_t block_lines_max_ = 0;
    Time write_at_ = never;
    Time chores_at_ = never;
    bool is_urgent_ = false;
    bool is_running_ = false;  ///< The thread is to go on.
    bool is_taking_ = false;
    bool is_cut_ = false;  ///< The last write ended within a line. Of whoever writes.
    int descriptor_ = -1;
    Chores chores_;
    std::atomic<std::uint64_t> dropped_{0};
    std::mutex life_;  ///< Of the thread: start() and stop() from several threads.
    std::thread thread_;
};

}  // namespace productd::log
