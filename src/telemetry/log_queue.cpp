// One mutex, and a thread that sleeps until a line has waited long enough. Calls write(2).
#include "telemetry/log_queue.hpp"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <utility>

namespace productd::log {

namespace {

constexpr std::size_t block_bytes = 64 * 1024;
constexpr std::size_t spare_blocks_max = 16;
constexpr std::size_t blocks_in_queue = 16;

/// What is left when the descriptor takes no more.
std::string_view write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd until_ready{descriptor, POLLOUT, 0};  // Whoever shares it has made it non-blocking.
            ::poll(&until_ready, 1, -1);
        } else if (errno != EINTR) {
            break;
        }
    }
    return text;
}

}  // namespace

void LogQueue::start(int descriptor, std::size_t lines_max, Chores chores) {
    stop();
    const std::scoped_lock life(life_);
    {
        const std::scoped_lock lock(mutex_);
        descriptor_ = descriptor;
        lines_max_ = std::max<std::size_t>(lines_max, 1);
        block_lines_max_ = std::max<std::size_t>(lines_max / blocks_in_queue, 1);
        chores_ = std::move(chores);
        write_at_ = chores_at_ = never;
        is_urgent_ = false;
        is_running_ = is_taking_ = true;
    }
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "log-lines");
        run();
    });
}

void LogQueue::stop() {
    const std::scoped_lock life(life_);
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        is_running_ = false;
    }
    changed_.notify_one();
    thread_.join();
    std::deque<Block> rest;  // What the last chores said, and who came meanwhile.
    {
        const std::scoped_lock lock(mutex_);
        is_taking_ = false;
        rest = std::exchange(waiting_, {});
        lines_ = bytes_ = 0;
    }
    write(rest);
}

void LogQueue::add(std::string_view line, Urgency urgency) {
    bool is_news = false;
    {
        const std::scoped_lock lock(mutex_);
        if (!is_taking_ || !make_room(line.size())) return;
        auto& block = block_for(line.size());
        block.text += line;
        ++block.lines;
        ++lines_;
        bytes_ += line.size();
        const bool is_half_full = lines_ > lines_max_ / 2 || bytes_ > bytes_max / 2;
        if (!is_urgent_ && (urgency == Urgency::at_once || is_half_full)) is_urgent_ = is_news = true;
        if (write_at_ == never) {
            write_at_ = std::chrono::steady_clock::now() + write_delay;
            is_news = true;
        }
    }
    if (is_news) changed_.notify_one();
}

void LogQueue::have_chores_by(Time time) {
    {
        const std::scoped_lock lock(mutex_);
        if (time >= chores_at_) return;
        chores_at_ = time;
    }
    changed_.notify_one();
}

/// Drops the oldest blocks. False when the line alone is too large.
bool LogQueue::make_room(std::size_t bytes) {
    while (!waiting_.empty() && (lines_ >= lines_max_ || bytes_ + bytes > bytes_max)) {
        auto& oldest = waiting_.front();
        lines_ -= oldest.lines;
        bytes_ -= oldest.text.size();
        dropped_.fetch_add(oldest.lines, std::memory_order_relaxed);
        waiting_.pop_front();
    }
    if (bytes <= bytes_max) return true;
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return false;
}

LogQueue::Block& LogQueue::block_for(std::size_t bytes) {
    if (!waiting_.empty()) {
        auto& last = waiting_.back();
        if (last.lines < block_lines_max_ && last.text.size() + bytes <= block_bytes) return last;
    }
    auto& block = waiting_.emplace_back();
    if (spare_.empty()) {
        block.text.reserve(block_bytes);
    } else {
        block.text = std::move(spare_.back());
        spare_.pop_back();
    }
    return block;
}

void LogQueue::run() {
    std::unique_lock lock(mutex_);
    for (bool is_last = false; !is_last;) {
        wait(lock);
        is_last = !is_running_;
        const auto now = std::chrono::steady_clock::now();
        const bool has_chores = now >= chores_at_ && !is_last;
        if (has_chores) chores_at_ = never;
        auto blocks = std::exchange(waiting_, {});
        lines_ = bytes_ = 0;
        is_urgent_ = false;
        // While lines keep coming it looks again by itself, and nobody has to wake it.
        write_at_ = blocks.empty() ? never : now + write_delay;
        lock.unlock();
        write(blocks);
        const auto next = has_chores ? chores_(now) : never;
        lock.lock();
        chores_at_ = std::min(chores_at_, next);
        keep_spare(blocks);
    }
}

void LogQueue::wait(std::unique_lock<std::mutex>& lock) {
    while (is_running_ && !is_urgent_) {
        const auto until = std::min(write_at_, chores_at_);
        if (until == never) {
            changed_.wait(lock);
        } else if (std::chrono::steady_clock::now() >= until) {
            return;
        } else {
            changed_.wait_until(lock, until);
        }
    }
}

void LogQueue::write(const std::deque<Block>& blocks) {
    for (const std::string_view text : blocks | std::views::transform(&Block::text)) {
        // A line that a full disk has cut must not take the next one with it.
        if (is_cut_) is_cut_ = !write_all(descriptor_, "\n").empty();
        const auto left = is_cut_ ? text : write_all(descriptor_, text);
        if (left.empty()) continue;
        is_cut_ = is_cut_ || (left.size() < text.size() && text[text.size() - left.size() - 1] != '\n');
        dropped_.fetch_add(static_cast<std::uint64_t>(std::ranges::count(left, '\n')), std::memory_order_relaxed);
    }
}

void LogQueue::keep_spare(std::deque<Block>& written) {
    for (auto& block : written) {
        if (spare_.size() == spare_blocks_max) return;
        block.text.clear();
        spare_.push_back(std::move(block.text));
    }
}

void LogQueue::last_words() noexcept {
    if (!mutex_.try_lock()) return;
    write(waiting_);
    waiting_.clear();
    mutex_.unlock();
}

}  // namespace productd::log
