// A loop over what waits, with back-off. Calls the log.
#include "app/dead_letter_queue.hpp"

#include "app/dead_letter.hpp"

namespace productd {

namespace {

constexpr std::size_t letters_per_call_max = 100;

}  // namespace

DeadLetterQueue::DeadLetterQueue(MessageLog& log, PipelineObserver& observer, Clock& clock, Settings settings,
                                 asio::any_io_executor executor, Acknowledged acknowledged)
    : log_(log),
      observer_(observer),
      clock_(clock),
      settings_(std::move(settings)),
      acknowledged_(std::move(acknowledged)),
      changed_(executor),
      backoff_(settings_.backoff, std::random_device{}()) {}

void DeadLetterQueue::add(Condemned condemned) {
    observer_.condemned(condemned.item->message.position, condemned.error);
    waiting_.push_back(std::move(condemned));
    changed_.notify();
}

void DeadLetterQueue::stop() {
    stopping_ = true;
    changed_.notify();
}

/// The number of letters acknowledged from the front, which stops at the first that was refused.
Task<std::size_t> DeadLetterQueue::write_some() {
    std::vector<Record> records;
    const auto now = clock_.now();
    for (const auto& [item, error, code] : waiting_) {
        if (records.size() == letters_per_call_max) break;
        records.push_back(
            encode_dead_letter(settings_.topic, {item->message, error, code, settings_.group, item->event.traceparent,
                                                 std::max(item->attempts, 1), item->first_failure.value_or(now), now}));
    }
    auto published = co_await log_.publish(std::move(records));
    if (!published) co_return fail(std::move(published.error()));
    std::size_t acknowledged = 0;
    for (auto& result : *published) {
        if (!result) {
            // Those behind it may be in the log already: written again, they are letters of the same messageId.
            observer_.log_failed("dead_letter", result.error());
            break;
        }
        ++acknowledged;
    }
    co_return acknowledged;
}

asio::awaitable<void> DeadLetterQueue::run() {
    int attempt = 0;
    while (!stopping_) {
        if (waiting_.empty()) {
            co_await changed_.wait();
            continue;
        }
        const auto tried = std::min(waiting_.size(), letters_per_call_max);
        auto written = co_await write_some();
        if (!written) observer_.log_failed("dead_letter", written.error());
        const auto acknowledged = written ? *written : 0;
        for (std::size_t i = 0; i < acknowledged; ++i) {
            auto item = std::move(waiting_.front().item);
            waiting_.pop_front();
            acknowledged_(item);
        }
        attempt = acknowledged == tried ? 0 : attempt + 1;
        if (attempt > 0 && !stopping_) {
            co_await changed_.wait_until(std::chrono::steady_clock::now() + backoff_.wait(attempt));
        }
    }
}

}  // namespace productd
