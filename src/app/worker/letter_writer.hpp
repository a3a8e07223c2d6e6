// Writes dead letters in the background, for as long as it takes: a message is finished only once its letter is
// acknowledged.
#pragma once

#include <deque>
#include <functional>

#include "app/ports/clock.hpp"
#include "app/worker/core/pipeline_observer.hpp"
#include "app/worker/core/work_item.hpp"
#include "app/worker/core/worker_settings.hpp"
#include "async/async.hpp"
#include "async/backoff.hpp"

namespace productd {

struct Condemned {
    Item item;
    Error error;
    std::string code;
    SpanContext trace = {};     ///< Under which it, and its replay, go on.
    bool is_too_large = false;  ///< The log refused the whole letter: the cut one is written.
};

/// Used on one executor.
class LetterWriter {
public:
    using Acknowledged = std::function<void(const Item&)>;

    LetterWriter(MessageLog& log, PipelineObserver& observer, Clock& clock, const WorkerSettings& settings,
                 const asio::any_io_executor& executor, Acknowledged acknowledged);

    void add(Condemned condemned);
    /// Letters not acknowledged yet. Bounded by what may be in flight.
    std::size_t waiting() const { return waiting_.size(); }
    /// Writes until stop(); what is unwritten then is delivered again.
    asio::awaitable<void> run();
    void stop();

private:
    Record letter(const Condemned& condemned) const;
    Task<> write_some();

    MessageLog& log_;
    PipelineObserver& observer_;
    Clock& clock_;
    WorkerSettings settings_;
    Acknowledged acknowledged_;
    Signal changed_;
    Signal stopped_;
    Backoff backoff_;
    std::deque<Condemned> waiting_;
    bool stopping_ = false;
};

}  // namespace productd
