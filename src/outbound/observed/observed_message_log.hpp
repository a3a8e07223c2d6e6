// An event log whose publishing, reading and committing are spans, and timed where they wait for the log alone.
#pragma once

#include "app/ports/message_log.hpp"
#include "outbound/observed/call_metrics.hpp"
#include "outbound/observed/observed_server.hpp"

namespace productd {

struct ObservedMessaging {
    std::string system;  ///< `kafka`; the embedded log has no name that others know.
    ObservedServer server;
};

/// The header `traceparent` of a record says for whom it is published; what is published says that it was the span of
/// its publishing. What serves several messages at once (a fetch, a commit) is a span under the first of them that is
/// sampled, and refers to the others.
class ObservedMessageLog : public MessageLog {
public:
    /// All outlive it.
    ObservedMessageLog(MessageLog& log, Metrics& metrics, Tracer& tracer, ObservedMessaging messaging)
        : log_(log),
          calls_(metrics, "productd_log_call_duration_seconds",
                 "Time until the event log acknowledges a call, by operation", {"publish", "commit"}),
          tracer_(tracer),
          messaging_(std::move(messaging)) {}

    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override;
    std::unique_ptr<Subscription> subscribe(std::string group, std::vector<std::string> topics,
                                            asio::any_io_executor executor) override;
    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override {
        return log_.read(std::move(source), from, max);
    }
    Task<> trim(TopicPartition source, std::int64_t before) override { return log_.trim(std::move(source), before); }
    Task<std::vector<std::string>> create(std::vector<TopicSpec> topics) override {
        return log_.create(std::move(topics));
    }
    Task<std::vector<TopicInfo>> describe(std::vector<std::string> topics) override {
        return log_.describe(std::move(topics));
    }
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string group) override {
        return log_.commits(std::move(group));
    }
    Task<> check() override { return log_.check(); }
    std::optional<StoreMark> store_behind_commits() const override { return log_.store_behind_commits(); }
    Task<> rest_on(std::function<StoreMark()> mark) override { return log_.rest_on(std::move(mark)); }
    bool close(Deadline deadline) override { return log_.close(deadline); }

private:
    MessageLog& log_;
    CallMetrics calls_;
    Tracer& tracer_;
    ObservedMessaging messaging_;
};

}  // namespace productd
