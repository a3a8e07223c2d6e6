// Measures in windows; each is judged once, when the next begins.
#include "async/adaptive_limit.hpp"

#include <algorithm>
#include <utility>

namespace productd {

namespace {

constexpr std::size_t enough = 16;                    // Done in a window for it to tell anything.
constexpr std::chrono::milliseconds patience{1'000};  // For fewer than that.
constexpr std::chrono::milliseconds window_max{2'000};
constexpr double fewer_tell = 0.75;       // Of those under way, for the difference to tell anything.
constexpr double more_tell = 1.4;         // Of what is done, with twice as many under way.
constexpr std::size_t windows_a_try = 4;  // At the least, between attempts to let in more.
constexpr int slow_times_max = 20;        // What is slower than so many targets is no measure.

double seconds(std::chrono::steady_clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

bool AdaptiveLimit::enter(Clock::time_point now) {
    if (target_ == Clock::duration::zero()) return true;
    const std::scoped_lock lock(mutex_);
    look(now);
    if (limit_ < none && under_way_ >= limit_) {
        window_.has_refused = true;
        ++refused_;
        return false;
    }
    ++under_way_;
    window_.most_under_way = std::max(window_.most_under_way, under_way_);
    return true;
}

void AdaptiveLimit::left(Clock::time_point entered, Clock::time_point now, End end) {
    if (target_ == Clock::duration::zero()) return;
    const std::scoped_lock lock(mutex_);
    --under_way_;
    if (end == End::done) {
        const auto took = now - entered;
        ++window_.done;
        window_.took += took;
        if (took > allowed_) ++window_.late;
    }
    look(now);
}

AdaptiveLimit::Reading AdaptiveLimit::reading() const {
    const std::scoped_lock lock(mutex_);
    return {limit_, under_way_, refused_};
}

void AdaptiveLimit::look(Clock::time_point now) {
    const auto passed = now - window_.began;
    // What ends in it should mostly have begun in it, too.
    const auto whole = std::clamp<Clock::duration>(2 * allowed_, window, window_max);
    if (passed < whole || (window_.done < enough && passed < whole + patience)) return;
    if (passed < 2 * (whole + patience)) {
        judge(passed);
    } else {
        limit_ = none;  // There was a rest: the window says nothing, and nobody waits.
        crowded_.reset();
        least_.reset();
    }
    window_ = {.began = now, .most_under_way = under_way_};
}

void AdaptiveLimit::judge(Clock::duration passed) {
    const Pace pace{seconds(window_.took) / seconds(passed), static_cast<double>(window_.done) / seconds(passed)};
    const auto under_way = window_.done == 0 ? static_cast<double>(under_way_) : pace.under_way;
    const bool is_late = window_.done == 0 ? under_way_ > 0 : window_.late * 2 > window_.done;
    if (window_.most_under_way <= few) {
        limit_ = none;
        crowded_.reset();
        least_.reset();
        if (window_.done > 0) learn(pace);
    } else if (!is_late) {
        crowded_.reset();
        least_.reset();
        limit_ = std::min(none, limit_ + limit_ / (window_.has_refused ? 4 : least));
    } else if (limit_ < none || under_way >= 2 * least) {
        cut(pace);
    }
}

void AdaptiveLimit::cut(const Pace& pace) {
    double before = 0;  // Under way when nobody waited for the like of it.
    if (pace.done_a_second > 0 && is_no_queue(pace)) {
        learn(pace);
        before = crowded_ ? crowded_->under_way : 0;
        crowded_.reset();
    } else {
        allowed_ = std::max(target_, allowed_ - allowed_ / 10);  // What was learned may be true no more.
        if (!crowded_ && pace.done_a_second > 0) crowded_ = pace;
    }
    const auto in_time = pace.done_a_second * seconds(allowed_);
    limit_ = std::clamp(static_cast<std::size_t>(std::max(in_time, before)), least, none);
    windows_at_least_ = limit_ == least ? windows_at_least_ + 1 : 0;
    if (windows_at_least_ % windows_a_try == windows_a_try - 1 && pace.done_a_second > 0) {
        least_ = pace;
        limit_ = 2 * least;
    }
}

/// Work that waits for its like is done as fast with fewer under way, and no faster with more; what does not, in
/// proportion to them.
bool AdaptiveLimit::is_no_queue(const Pace& pace) {
    if (const auto tried = std::exchange(least_, std::nullopt)) {
        return pace.done_a_second > more_tell * tried->done_a_second;
    }
    if (!crowded_) return false;
    const auto fewer = pace.under_way / crowded_->under_way;
    return fewer < fewer_tell && pace.done_a_second < crowded_->done_a_second * (1 + fewer) / 2;
}

/// That work of this kind takes so long without waiting.
void AdaptiveLimit::learn(const Pace& pace) {
    const std::chrono::duration<double> each(std::min(pace.under_way / pace.done_a_second, 3'600.0));
    const auto usual = std::chrono::duration_cast<Clock::duration>(each);
    allowed_ = std::clamp(2 * usual, target_, slow_times_max * target_);
}

}  // namespace productd
