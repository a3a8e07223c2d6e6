// A loop over what waits, with back-off. Calls the log.
#include "app/worker/letter_writer.hpp"

#include <iterator>

#include "app/letters/dead_letter.hpp"
#include "app/ports/clock.hpp"
#include "domain/disposition.hpp"

namespace productd {

LetterWriter::LetterWriter(MessageLog& log, PipelineObserver& observer, Clock& clock, const WorkerSettings& settings,
                           const asio::any_io_executor& executor, Acknowledged acknowledged)
    : log_(log),
      observer_(observer),
      clock_(clock),
      settings_(settings),
      acknowledged_(std::move(acknowledged)),
      changed_(executor),
      stopped_(executor),
      backoff_(settings.breaker.backoff, std::random_device{}()) {}

void LetterWriter::add(Condemned condemned) {
    observer_.condemned(*condemned.item, condemned.error);
    waiting_.push_back(std::move(condemned));
    changed_.notify();
}

void LetterWriter::stop() {
    stopping_ = true;
    changed_.notify();
    stopped_.notify();
}

Record LetterWriter::letter(const Condemned& condemned) const {
    const auto& item = *condemned.item;
    const auto now = clock_.now();
    const auto first_failure = std::min(item.first_failure.value_or(now), item.first_look.value_or(now));
    const DeadLetter letter{item.message,
                            condemned.error,
                            is_bad_time(condemned.error) ? "bad_time" : condemned.code,
                            settings_.group,
                            traceparent(condemned.trace),
                            std::max(item.attempts + item.looks, 1),
                            first_failure,
                            now};
    return encode_dead_letter(settings_.topics.dead_letters, letter,
                              condemned.is_too_large ? Completeness::cut : Completeness::whole);
}

/// Writes what waits, up to a bound. Each letter is acknowledged for itself: one that is refused holds up no other.
/// Fails when any has to be tried again later.
Task<> LetterWriter::write_some() {
    std::vector<Record> records;
    for (const auto& condemned : waiting_) {
        if (records.size() == settings_.letters_per_call_max) break;
        records.push_back(letter(condemned));
    }
    const auto tried = records.size();
    auto published = co_await log_.publish(std::move(records));
    if (!published) co_return fail(std::move(published.error()));

    Result<> outcome;
    std::deque<Condemned> left;
    for (std::size_t i = 0; i < tried; ++i) {
        auto condemned = std::move(waiting_.front());
        waiting_.pop_front();
        const auto& result = (*published)[i];
        if (result) {
            acknowledged_(condemned.item);
            continue;
        }
        const bool is_permanent = publish_disposition(result.error().code) == Disposition::dead_letter;
        if (!is_permanent || condemned.is_too_large) outcome = fail(result.error());
        condemned.is_too_large = condemned.is_too_large || is_permanent;
        left.push_back(std::move(condemned));
    }
    // Behind the others: were a whole call's letters refused again and again, none else would be tried.
    waiting_.insert(waiting_.end(), std::make_move_iterator(left.begin()), std::make_move_iterator(left.end()));
    co_return outcome;
}

asio::awaitable<void> LetterWriter::run() {
    int attempt = 0;
    while (!stopping_) {
        if (waiting_.empty()) {
            co_await changed_.wait();
            continue;
        }
        auto written = co_await write_some();
        attempt = written ? 0 : attempt + 1;
        if (written) continue;
        observer_.log_failed("dead_letter", written.error());
        if (!stopping_) co_await stopped_.wait_until(std::chrono::steady_clock::now() + backoff_.wait(attempt));
    }
}

}  // namespace productd
