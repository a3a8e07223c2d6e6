// Counts every event by its operation and end, and says once a minute at most what goes wrong. Calls telemetry.
#include "runtime/metrics/worker_report.hpp"

#include <utility>

#include "telemetry/log.hpp"

namespace productd {

namespace {

/// Whose message it is, and which: in each line about one alone.
struct MessageIds {
    explicit MessageIds(const WorkItem& item)
        : message(to_string(item.message.position)),
          request(request_id_of(item.message)),
          trace(trace_id(item.trace.is_valid() ? item.trace : item.event.trace.context)) {}

    std::string message;
    std::string_view request;
    std::string trace;
};

double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

WorkerReport::WorkerReport(Metrics& metrics, ProcessSpans spans)
    : spans_(std::move(spans)),
      incoming_(metrics.counter("products_incoming_kafka_messages_total", "Messages read from the source topics")),
      success_(
          metrics.counter("products_success_incoming_kafka_messages_total", "Messages finished without a dead letter")),
      error_(metrics.counter("products_error_incoming_kafka_message_total", "Messages that became dead letters")),
      batch_size_(metrics.histogram("productd_worker_batch_changes", "Changes in a bulk call of the store",
                                    {1, 2, 5, 10, 25, 50, 100, 250, 500, 1'000, 2'000})),
      batch_seconds_(
          metrics.histogram("productd_worker_batch_duration_seconds", "Time a bulk call takes", duration_buckets())),
      retries_(metrics.counter("productd_worker_retries_total", "Changes tried again after a failure of the store")),
      log_failures_(
          metrics.counter("productd_worker_log_failures_total", "Fetches, commits or dead letters that failed")),
      parked_early_(metrics.counter("productd_worker_parked_early_total",
                                    "Messages that did not wait Worker.NotFoundWait for their product, for want of "
                                    "room (Worker.ParkedMax)")),
      in_flight_(metrics.gauge("productd_worker_in_flight_messages", "Messages read and not finished")),
      in_flight_bytes_(metrics.gauge("productd_worker_in_flight_bytes", "Memory of messages read and not finished")),
      parked_(metrics.gauge("productd_worker_parked_messages", "Messages that wait for their product to be created")),
      dead_letters_waiting_(
          metrics.gauge("productd_worker_dead_letters_waiting", "Dead letters that are not acknowledged yet")),
      breaker_(metrics.gauge("productd_worker_breaker_state", "0 closed, 1 open, 2 half-open")) {
    auto& finished = prometheus::BuildCounter()
                         .Name("productd_worker_messages_total")
                         .Help("Messages finished, by operation and by how")
                         .Register(metrics.registry());
    auto& latency = metrics.histograms("productd_worker_message_duration_seconds",
                                       "Time from reading a message to finishing it", duration_buckets());
    auto& rebalances = prometheus::BuildCounter()
                           .Name("productd_worker_rebalances_total")
                           .Help("Times the group gave this worker partitions, took some back, or had given them away")
                           .Register(metrics.registry());
    auto& condemned = prometheus::BuildCounter()
                          .Name("productd_worker_condemned_total")
                          .Help("Messages that were to become dead letters, by the code of their error")
                          .Register(metrics.registry());
    for (const auto code : enumerators<Errc>) {
        condemned_[static_cast<std::size_t>(code)] = &condemned.Add({{"code", name(code)}});
    }
    for (const auto what : enumerators<Rebalance>) {
        rebalances_[static_cast<std::size_t>(what)] = &rebalances.Add({{"what", std::string(name(what))}});
    }
    for (const auto kind : enumerators<ChangeKind>) {
        latency_[static_cast<std::size_t>(kind)] = &latency.add({{"operation", name(kind)}});
        for (const auto ending : enumerators<Ending>) {
            finished_[static_cast<std::size_t>(kind) * endings + static_cast<std::size_t>(ending)] =
                &finished.Add({{"operation", name(kind)}, {"ending", std::string(name(ending))}});
        }
    }
}

void WorkerReport::received(ChangeKind, std::size_t messages) { incoming_.Increment(static_cast<double>(messages)); }

void WorkerReport::finished(const WorkItem& item, Ending ending, std::chrono::nanoseconds since_arrival) {
    spans_.finished(item, ending);
    const auto kind = static_cast<std::size_t>(item.kind);
    finished_[kind * endings + static_cast<std::size_t>(ending)]->Increment();
    latency_[kind]->observe(seconds(since_arrival), item.trace);
    (ending == Ending::dead_lettered ? error_ : success_).Increment();
    if (!log::enabled(log::Level::debug)) return;
    const MessageIds ids(item);
    log::debug("A message has ended", {{"message_id", ids.message},
                                       {"ending", name(ending)},
                                       {"duration_ms", seconds(since_arrival) * 1'000},
                                       {"request_id", ids.request},
                                       {"trace_id", ids.trace}});
}

void WorkerReport::condemned(const WorkItem& item, const Error& error) {
    spans_.condemned(item, error);
    condemned_[static_cast<std::size_t>(error.code)]->Increment();
    const MessageIds ids(item);
    log::warn("A message becomes a dead letter", {{"message_id", ids.message},
                                                  {"code", name(error.code)},
                                                  {"error", error.detail},
                                                  {"cause", error.cause},
                                                  {"request_id", ids.request},
                                                  {"trace_id", ids.trace}});
}

void WorkerReport::batch(std::size_t changes, std::chrono::nanoseconds duration) {
    batch_size_.observe(static_cast<double>(changes));
    batch_seconds_.observe(seconds(duration));
}

void WorkerReport::retried(const Error& error, std::span<const Item> items) {
    retries_.Increment(static_cast<double>(items.size()));
    {
        const std::scoped_lock lock(mutex_);
        last_failure_ = error;
    }
    if (!log::enabled(log::Level::debug)) return;
    const auto alone = items.size() == 1 ? std::optional<MessageIds>(*items.front()) : std::nullopt;
    log::debug("Changes are tried again", {{"changes", items.size()},
                                           {"error", error.detail},
                                           {"cause", error.cause},
                                           {"message_id", alone ? std::string_view(alone->message) : ""},
                                           {"request_id", alone ? alone->request : ""},
                                           {"trace_id", alone ? std::string_view(alone->trace) : ""}});
}

std::optional<Error> WorkerReport::last_failure() const {
    const std::scoped_lock lock(mutex_);
    return last_failure_;
}

void WorkerReport::log_failed(std::string_view operation, const Error& error) {
    log_failures_.Increment();
    const auto now = std::chrono::steady_clock::now();
    auto& last = failure_warnings_[std::string(operation) + error.detail];
    if (last && now - *last < std::chrono::minutes(1)) return;
    last = now;
    log::warn("The event log failed", {{"operation", operation}, {"error", error.detail}, {"cause", error.cause}});
}

void WorkerReport::parked_too_many(const TopicPartition& source) {
    parked_early_.Increment();
    const auto now = std::chrono::steady_clock::now();
    if (now - parked_warning_ < std::chrono::minutes(1)) return;  // One line a minute says it as well as a thousand.
    parked_warning_ = now;
    log::warn("Too many messages wait for products that are not there: the oldest become dead letters early",
              {{"topic", source.topic}, {"partition", source.partition}, {"setting", "Worker.ParkedMax"}});
}

void WorkerReport::rebalanced(Rebalance what, std::size_t partitions) {
    rebalances_[static_cast<std::size_t>(what)]->Increment();
    if (what != Rebalance::lost) return;
    log::warn("This instance was out of touch with its group for too long: its partitions are given anew",
              {{"partitions", partitions}, {"setting", "Kafka.SessionTimeout"}});
}

void WorkerReport::breaker_changed(CircuitBreaker::State state) {
    breaker_.Set(static_cast<double>(state));
    const bool is_down = state != CircuitBreaker::State::closed;
    if (is_down == down_since_.has_value()) return;  // A probe each few seconds, and its failure, are no news.
    const auto now = std::chrono::steady_clock::now();
    if (is_down) {
        down_since_ = now;
        const auto why = last_failure().value_or(Error{});
        log::warn("The store is down: the worker waits for it", {{"error", why.detail}, {"cause", why.cause}});
    } else {
        log::info("The store is back: the worker goes on",
                  {{"seconds", seconds(now - *std::exchange(down_since_, {}))}});
        const std::scoped_lock lock(mutex_);
        last_failure_.reset();
    }
}

void WorkerReport::gauges(const PipelineGauges& now) {
    in_flight_.Set(static_cast<double>(now.in_flight));
    in_flight_bytes_.Set(static_cast<double>(now.in_flight_bytes));
    parked_.Set(static_cast<double>(now.parked));
    dead_letters_waiting_.Set(static_cast<double>(now.dead_letters_waiting));
}

}  // namespace productd
