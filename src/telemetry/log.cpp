// What is written at all, and in what form; the queue writes it. Calls log_queue, log_line, log_repeats, log_secrets.
#include "telemetry/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>

#include "telemetry/log_line.hpp"
#include "telemetry/log_queue.hpp"
#include "telemetry/log_repeats.hpp"
#include "telemetry/log_secrets.hpp"

namespace productd::log {

namespace {

using std::chrono::steady_clock;
using Time = steady_clock::time_point;

constexpr int nothing = static_cast<int>(Level::error) + 1;  // As a threshold.

std::atomic<int> threshold{nothing};
std::atomic<Format> format_now{Format::json};

/// Lives as long as the process: threads of drivers may write until its very end.
struct Log {
    LogQueue queue;
    std::mutex mutex;  // Of all that follows.
    LogRepeats repeats;
    LevelNow level;
    Time level_until{};
    std::shared_ptr<const std::vector<std::string>> secrets = std::make_shared<std::vector<std::string>>();
};

Log& the_log() {
    static auto& one = *new Log;
    return one;
}

/// Whether or not its level is enabled.
void put(Level level, std::string_view message, Fields fields) {
    thread_local std::string line;
    line.clear();
    append_line(line, format_now.load(std::memory_order_relaxed), level, message, fields);
    the_log().queue.add(line, level >= Level::warn ? Urgency::at_once : Urgency::soon);
}

void tell(const Repeated& repeated) {
    const auto why = [&](std::size_t i) {
        return i < repeated.why.size() ? Field(repeated.why[i].first, repeated.why[i].second) : Field("", "");
    };
    put(repeated.level, repeated.message, {why(0), why(1), why(2), why(3), {"repeated", repeated.lines}});
}

void take_level(Level level) { threshold.store(static_cast<int>(level), std::memory_order_relaxed); }

void tell_level(Level from, Level to, std::string_view who, std::optional<double> seconds) {
    put(Level::info, "The level of the log is changed",
        {{"from", name(from)}, {"to", name(to)}, {"by", who}, {"seconds", seconds}});
}

/// What the queue's thread does beside: ends a level that was set for a time, tells what was left out.
Time do_chores(Time now) {
    auto& log = the_log();
    std::vector<Repeated> over;
    std::optional<Level> ended;
    auto next = LogQueue::never;
    {
        const std::scoped_lock lock(log.mutex);
        over = log.repeats.take(now);
        if (const auto due = log.repeats.due()) next = *due;
        if (log.level.left && now >= log.level_until) {
            ended = log.level.level;
            log.level = {log.level.then, std::nullopt, log.level.then};
            take_level(log.level.level);
        }
        if (log.level.left) next = std::min(next, log.level_until);
    }
    for (const auto& repeated : over) tell(repeated);
    if (ended) tell_level(*ended, level_now().level, "the end of its time", std::nullopt);
    return next;
}

void write_last_words(int signal) {
    // Where nobody reads standard error, the write below never ends: the process does, a second later.
    std::signal(SIGALRM, SIG_DFL);
    ::alarm(1);
    the_log().queue.last_words();
    static_cast<void>(std::raise(signal));  // Its handler is the system's again.
}

/// A defect that ends the process takes no line with it. Where somebody else listens already, he does as he likes.
void hear_defects() {
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        struct sigaction now{};
        if (sigaction(signal, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) continue;
        struct sigaction ours{};
        ours.sa_handler = write_last_words;
        ours.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
        sigaction(signal, &ours, nullptr);
    }
}

}  // namespace

void start(Format format, Level level, std::size_t lines_max) {
    format_now = format;
    auto& log = the_log();
    {
        const std::scoped_lock lock(log.mutex);
        log.level = {level, std::nullopt, level};
        log.repeats = LogRepeats();
    }
    log.queue.start(STDERR_FILENO, lines_max, do_chores);
    hear_defects();
    take_level(level);
}

void stop() {
    auto& log = the_log();
    std::vector<Repeated> over;
    {
        const std::scoped_lock lock(log.mutex);
        over = log.repeats.take(Time::max());
    }
    for (const auto& repeated : over) tell(repeated);
    log.queue.stop();
    threshold = nothing;
}

bool enabled(Level level) { return static_cast<int>(level) >= threshold.load(std::memory_order_relaxed); }

std::uint64_t dropped() { return the_log().queue.dropped(); }

void set_level(Level level, std::string_view who) {
    auto& log = the_log();
    Level before{};
    bool was_for_a_time = false;
    {
        const std::scoped_lock lock(log.mutex);
        before = log.level.level;
        was_for_a_time = log.level.left.has_value();
        log.level = {level, std::nullopt, level};
        take_level(level);
    }
    if (before != level || was_for_a_time) tell_level(before, level, who, std::nullopt);
}

void set_level_for(Level level, std::chrono::milliseconds time, std::string_view who) {
    auto& log = the_log();
    Level before{};
    const auto until = steady_clock::now() + time;
    {
        const std::scoped_lock lock(log.mutex);
        before = log.level.level;
        log.level = {level, time, log.level.then};
        log.level_until = until;
        take_level(level);
    }
    log.queue.have_chores_by(until);
    tell_level(before, level, who, std::chrono::duration<double>(time).count());
}

LevelNow level_now() {
    auto& log = the_log();
    const std::scoped_lock lock(log.mutex);
    auto now = log.level;
    if (now.left) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(log.level_until - steady_clock::now());
        now.left = std::max(left, std::chrono::milliseconds{0});
    }
    return now;
}

std::string line(Level level, std::string_view message, Fields fields) {
    std::string text;
    append_line(text, format_now.load(std::memory_order_relaxed), level, message, fields);
    text.pop_back();
    return text;
}

void write(Level level, std::string_view message, Fields fields) {
    if (!enabled(level)) return;
    if (level > Level::debug) {
        auto& log = the_log();
        std::optional<Time> due;
        {
            const std::scoped_lock lock(log.mutex);
            if (!log.repeats.admit(level, message, fields, steady_clock::now())) due = log.repeats.due();
        }
        if (due) return log.queue.have_chores_by(*due);
    }
    put(level, message, fields);
}

void access(Level level, std::string_view message, Fields fields) {
    if (enabled(level)) put(level, message, fields);
}

void driver(Level level, std::string_view library, std::string_view said, std::string_view origin) {
    if (!enabled(level)) return;
    auto& log = the_log();
    std::shared_ptr<const std::vector<std::string>> secrets;
    {
        const std::scoped_lock lock(log.mutex);
        secrets = log.secrets;
    }
    while (said.ends_with('\n')) said.remove_suffix(1);
    write(level, library, {{"said", without_secrets(said, *secrets)}, {"origin", origin}});
}

void hide(std::vector<std::string> secrets) {
    // One that begins like another is looked for before it.
    std::ranges::sort(secrets, std::greater(), &std::string::size);
    auto& log = the_log();
    const std::scoped_lock lock(log.mutex);
    log.secrets = std::make_shared<const std::vector<std::string>>(std::move(secrets));
}

}  // namespace productd::log
