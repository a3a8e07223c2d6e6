// Publishes under spans; what is read goes through a ObservedSubscription.
#include "outbound/observed/observed_message_log.hpp"

#include "app/events/event_headers.hpp"
#include "app/events/replay_headers.hpp"
#include "outbound/observed/observed_subscription.hpp"

namespace productd {

namespace {

struct Sending {
    std::size_t record;
    Span span;
};

void show_end(Span& span, const Result<Position>& published) {
    if (!published) return span.fail(name(published.error().code), published.error().detail);
    span.set(span_name::messaging_destination_partition_id, std::to_string(published->source.partition));
    span.set(span_name::kafka_offset, published->offset);
}

}  // namespace

Task<std::vector<Result<Position>>> ObservedMessageLog::publish(std::vector<Record> records) {
    std::vector<Sending> sendings;
    for (std::size_t i = 0; tracer_.is_on() && i < records.size(); ++i) {
        auto& record = records[i];
        const auto caused_by = parse_traceparent(record.headers.find(event_header::traceparent).value_or(""));
        auto span = tracer_.start(SpanKind::producer, "send", caused_by);
        if (!span.is_recorded()) continue;
        span.rename("send " + record.topic);
        span.set(span_name::messaging_system_name, messaging_.system);
        span.set(span_name::messaging_operation_name, "send");
        span.set(span_name::messaging_operation_type, "send");
        span.set(span_name::messaging_destination_name, record.topic);
        span.set(span_name::messaging_message_body_size, static_cast<std::int64_t>(record.value.value_or("").size()));
        if (record.key) span.set(span_name::kafka_message_key, *record.key);
        messaging_.server.show_on(span);
        record.headers = with_trace(record.headers, traceparent(span.context()));
        sendings.push_back({i, std::move(span)});
    }
    ObservedCall call(calls_.of("publish"), {});
    auto published = co_await log_.publish(std::move(records));
    call.ended(published);
    for (auto& [record, span] : sendings) {
        published ? show_end(span, (*published)[record])
                  : span.fail(name(published.error().code), published.error().detail);
    }
    co_return published;
}

std::unique_ptr<Subscription> ObservedMessageLog::subscribe(std::string group, std::vector<std::string> topics,
                                                            asio::any_io_executor executor) {
    auto subscription = log_.subscribe(group, std::move(topics), std::move(executor));
    return std::make_unique<ObservedSubscription>(std::move(subscription), calls_.of("commit"), tracer_, messaging_,
                                                  std::move(group));
}

}  // namespace productd
