// Measures in windows; each is judged once, when the next begins.
#include "async/adaptive_limit.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::size_t enough = 16;                    // Done in a window for it to tell anything.
constexpr std::chrono::milliseconds patience{1'000};  // For fewer than that.
constexpr double fewer_tell = 0.75;                   // Of those under way, for the difference to tell anything.
constexpr int slow_times_max = 20;                    // What is slower than so many targets is no measure.

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

void AdaptiveLimit::left(Clock::time_point entered, Clock::time_point now) {
    if (target_ == Clock::duration::zero()) return;
    const std::scoped_lock lock(mutex_);
    const auto took = now - entered;
    --under_way_;
    ++window_.done;
    window_.took += took;
    if (took > allowed_) ++window_.late;
    look(now);
}

AdaptiveLimit::Reading AdaptiveLimit::reading() const {
    const std::scoped_lock lock(mutex_);
    return {limit_, under_way_, refused_};
}

void AdaptiveLimit::look(Clock::time_point now) {
    const auto passed = now - window_.began;
    // What ends in it should mostly have begun in it, too.
    const auto whole = std::max<Clock::duration>(window, 2 * allowed_);
    if (passed < whole || (window_.done < enough && passed < whole + patience)) return;
    // After a rest the window says nothing of how fast work is done.
    if (passed < 2 * (whole + patience)) judge(passed);
    window_ = {.began = now, .most_under_way = under_way_};
}

void AdaptiveLimit::judge(Clock::duration passed) {
    const auto seconds = [](Clock::duration time) { return std::chrono::duration<double>(time).count(); };
    const Pace pace{seconds(window_.took) / seconds(passed), static_cast<double>(window_.done) / seconds(passed)};
    const bool is_late = window_.done == 0 ? under_way_ > 0 : window_.late * 2 > window_.done;
    if (window_.most_under_way <= few) {
        crowded_.reset();
        if (window_.done > 0) learn(pace);
    } else if (is_late) {
        if (window_.most_under_way >= least) cut(pace);
    } else {
        crowded_.reset();
        limit_ = std::min(none, limit_ + limit_ / (window_.has_refused ? 4 : least));
    }
}

void AdaptiveLimit::cut(const Pace& pace) {
    double before = 0;  // Under way when nobody waited for the like of it.
    if (!crowded_) {
        crowded_ = pace;
    } else if (const auto fewer = pace.under_way / crowded_->under_way; fewer < fewer_tell) {
        // Work that waits for its like is done as fast with fewer under way; what does not, in proportion to them.
        const auto middle = crowded_->done_a_second * (1 + fewer) / 2;
        if (pace.done_a_second > 0 && pace.done_a_second < middle) {
            learn(pace);
            before = crowded_->under_way;
            crowded_.reset();
        }
    }
    const auto in_time = pace.done_a_second * std::chrono::duration<double>(allowed_).count();
    limit_ = std::clamp(static_cast<std::size_t>(std::max(in_time, before)), least, none);
}

/// That work of this kind takes so long without waiting.
void AdaptiveLimit::learn(const Pace& pace) {
    const std::chrono::duration<double> each(pace.under_way / pace.done_a_second);
    const auto usual = std::chrono::duration_cast<Clock::duration>(each);
    allowed_ = std::clamp(2 * usual, target_, slow_times_max * target_);
}

}  // namespace productd
