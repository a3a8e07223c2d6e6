// Sources of pieces for tests, which are told from the test's thread what to give.
#pragma once

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "inbound/http/http_fixture.hpp"

namespace productd {

inline constexpr std::chrono::milliseconds shortly{40};  ///< Of time-outs that a test wants to be met.

/// Blocks the test until it holds.
template <class Holds>
void await_that(Holds holds) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(RawClient::wait_seconds_max);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("It did not come to hold.");
        std::this_thread::yield();
    }
}

/// What one source gives, and what was done with it. Shared with the source.
class Tap {
public:
    enum class OnStop { says_so, is_silent };
    explicit Tap(OnStop on_stop = OnStop::is_silent) : on_stop_(on_stop) {}

    void give(std::string piece) {
        change([&] { pieces_.push_back(std::move(piece)); });
    }
    /// This piece again and again, without a wait.
    void give_always(std::string piece) {
        change([&] { always_ = std::move(piece); });
    }
    void close() {
        change([&] { is_closed_ = true; });
    }
    void fail() {
        change([&] { fails_ = true; });
    }

    std::atomic<std::size_t> asked{0};
    std::atomic<std::size_t> given{0};
    std::atomic<bool> waits{false};
    std::atomic<bool> is_destroyed{false};
    std::atomic<bool> was_stopped{false};

    static constexpr const char* last_words = "until here";

private:
    friend class TapSource;

    template <class Change>
    void change(Change by) {
        const std::scoped_lock lock(mutex_);
        by();
        if (waiting_.expired()) return;
        asio::post(executor_, [waiting = waiting_] {
            if (const auto signal = waiting.lock()) signal->notify();
        });
    }

    const OnStop on_stop_;
    std::mutex mutex_;
    std::deque<std::string> pieces_;
    std::string always_;
    bool is_closed_ = false;
    bool fails_ = false;
    std::weak_ptr<Signal> waiting_;  ///< Must not outlive the executor.
    asio::any_io_executor executor_;
};

class TapSource final : public HttpBodySource {
public:
    explicit TapSource(std::shared_ptr<Tap> tap) : tap_(std::move(tap)) {}
    ~TapSource() override { tap_->is_destroyed = true; }

    asio::awaitable<std::optional<std::string>> next() override {
        ++tap_->asked;
        auto executor = co_await asio::this_coro::executor;
        const auto signal = std::make_shared<Signal>(executor);
        for (;;) {
            {
                const std::scoped_lock lock(tap_->mutex_);
                tap_->waiting_.reset();
                if (is_ready()) co_return take();
                tap_->executor_ = executor;
                tap_->waiting_ = signal;
            }
            tap_->waits = true;
            co_await signal->wait();
            tap_->waits = false;
            const auto state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none && !tap_->was_stopped) break;
        }
        co_return std::nullopt;
    }
    void stop() noexcept override { tap_->was_stopped = true; }

private:
    bool is_ready() const {
        return tap_->was_stopped || tap_->fails_ || tap_->is_closed_ || !tap_->pieces_.empty() ||
               !tap_->always_.empty();
    }
    std::optional<std::string> take() {
        if (tap_->was_stopped && tap_->on_stop_ == Tap::OnStop::says_so) return Tap::last_words;
        if (tap_->was_stopped) return std::nullopt;
        if (tap_->fails_) throw std::runtime_error("secret detail");
        if (!tap_->always_.empty()) {
            ++tap_->given;
            return tap_->always_;
        }
        if (tap_->pieces_.empty()) return std::nullopt;
        ++tap_->given;
        auto piece = std::move(tap_->pieces_.front());
        tap_->pieces_.pop_front();
        return piece;
    }

    const std::shared_ptr<Tap> tap_;
};

inline HttpResponse pieces_response(std::shared_ptr<HttpBodySource> source) {
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.route = "/{target}";
    response.source = std::move(source);
    return response;
}

/// Answers `/feed…` with the pieces of the tap of that name, all else like echo().
class Taps {
public:
    Tap& operator[](const std::string& target) { return *of(target); }
    HttpHandler handler() {
        return [this](HttpRequest request) -> asio::awaitable<HttpResponse> {
            if (!request.target.starts_with("/feed")) {
                ++others;
                co_return text_response(request.target);
            }
            co_return pieces_response(std::make_shared<TapSource>(of(request.target)));
        };
    }
    /// One that says where it stands when it is stopped.
    void add_polite(const std::string& target) {
        const std::scoped_lock lock(mutex_);
        taps_[target] = std::make_shared<Tap>(Tap::OnStop::says_so);
    }

    std::atomic<int> others{0};  ///< Other requests that were handled.

private:
    std::shared_ptr<Tap> of(const std::string& target) {
        const std::scoped_lock lock(mutex_);
        auto& tap = taps_[target];
        if (!tap) tap = std::make_shared<Tap>();
        return tap;
    }

    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Tap>> taps_;
};

/// It takes no notice of being cancelled, until it is let go.
class StubbornSource final : public HttpBodySource {
public:
    /// Shared with the test.
    struct Knob {
        asio::io_context elsewhere;
        asio::steady_timer never{elsewhere, Deadline::max()};
        std::atomic<bool> is_asked{false};
        void let_go() {
            asio::post(elsewhere, [this] { never.cancel(); });
            elsewhere.poll();
        }
    };
    explicit StubbornSource(Knob& knob) : knob_(knob) {}

    asio::awaitable<std::optional<std::string>> next() override {
        boost::system::error_code ignored;
        auto waiting = knob_.never.async_wait(asio::bind_cancellation_slot(
            asio::cancellation_slot(), asio::redirect_error(asio::use_awaitable, ignored)));
        knob_.is_asked = true;
        co_await std::move(waiting);
        co_return std::nullopt;
    }

private:
    Knob& knob_;
};

inline const std::string get_feed = "GET /feed HTTP/1.1\r\nHost: test\r\n\r\n";
inline const std::string get_other = "GET /other HTTP/1.1\r\nHost: test\r\n\r\n";

}  // namespace productd
