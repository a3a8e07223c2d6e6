// One loop for signals and the time of a stop. Calls Asio, and ends the process.
#include "runtime/stop/stop_signals.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <future>
#include <mutex>
#include <queue>
#include <string>
#include <thread>

#include "async/async.hpp"
#include "async/thread_name.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::milliseconds timeout_grace{100};  // What ends just in time may still tell how.
constexpr std::chrono::milliseconds last_words{200};
/// What tells a process and its group, as `timeout` does, has asked once.
constexpr std::chrono::milliseconds told_twice{250};

}  // namespace

void end_process(int code, std::string last_line) {
    if (!last_line.empty()) last_line += '\n';
    std::promise<void> told;
    auto is_told = told.get_future();
    std::thread([&told, &last_line] {
        log::stop();
        static_cast<void>(::write(STDERR_FILENO, last_line.data(), last_line.size()));
        told.set_value();
    }).detach();
    static_cast<void>(is_told.wait_for(last_words));
    std::_Exit(code);
}

class StopSignals::Watch {
public:
    Watch(std::chrono::milliseconds stop_timeout, std::shared_ptr<const StopProgress> progress)
        : stop_timeout_(stop_timeout), progress_(std::move(progress)) {
        wait();
        thread_ = std::thread([this] {
            name_this_thread("signals");
            context_.run();
        });
    }
    ~Watch() {
        context_.stop();
        thread_.join();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    Asked next() {
        std::unique_lock lock(mutex_);
        has_asked_.wait(lock, [this] { return !asked_.empty(); });
        const auto asked = asked_.front();
        asked_.pop();
        return asked;
    }

private:
    void wait() {
        signals_.async_wait([this](const boost::system::error_code& error, int signal) {
            if (error) return;
            on_signal(signal);
            wait();
        });
    }

    void on_signal(int signal) {
        if (signal == SIGHUP) return tell(Asked::reload);
        const auto now = std::chrono::steady_clock::now();
        if (stopped_by_ == signal && now - stopped_at_ < told_twice) return;
        if (stopped_by_ != 0) {
            end_process(128 + signal, log::line(log::Level::warn,
                                                "Stopped at once by a second signal; what was in flight is delivered "
                                                "again at the next start"));
        }
        stopped_by_ = signal;
        stopped_at_ = now;
        limit_.expires_after(stop_timeout_ + timeout_grace);
        limit_.async_wait([this](const boost::system::error_code& error) {
            if (!error) end_late();
        });
        tell(Asked::stop);
    }

    [[noreturn]] void end_late() const {
        const auto* left = progress_->worker_has_ended() ? "all is committed"
                                                         : "what is unfinished is delivered again at the next start";
        end_process(1, log::line(log::Level::error, fmt::format("Shutdown.Timeout is over, and stopping waited for "
                                                                "{}; {}",
                                                                progress_->waits_for(), left)));
    }

    void tell(Asked asked) {
        const std::scoped_lock lock(mutex_);
        asked_.push(asked);
        has_asked_.notify_one();
    }

    std::chrono::milliseconds stop_timeout_;
    std::shared_ptr<const StopProgress> progress_;
    asio::io_context context_{1};
    asio::signal_set signals_{context_, SIGTERM, SIGINT, SIGHUP};
    asio::steady_timer limit_{context_};
    int stopped_by_ = 0;  ///< The signal; 0 before there was one. On the thread, as when it came.
    std::chrono::steady_clock::time_point stopped_at_;
    std::mutex mutex_;
    std::condition_variable has_asked_;
    std::queue<Asked> asked_;  ///< Guarded.
    std::thread thread_;
};

StopSignals::StopSignals(std::chrono::milliseconds stop_timeout, std::shared_ptr<const StopProgress> progress)
    : watch_(std::make_unique<Watch>(stop_timeout, std::move(progress))) {}
StopSignals::~StopSignals() = default;

StopSignals::Asked StopSignals::next() { return watch_->next(); }

}  // namespace productd
