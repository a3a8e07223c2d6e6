// Writes a span once all of it is known. Calls the tracer.
#include "runtime/process_spans.hpp"

namespace productd {

namespace {

/// Ours: how the message ended. No convention has a name for it.
constexpr std::string_view ending_name = "productd.ending";

}  // namespace

Span ProcessSpans::begin(const WorkItem& item, std::string_view ending) const {
    auto span = tracer_.start_known(SpanKind::consumer, "process", item.event.trace.context, item.trace);
    if (!span.is_recorded()) return span;
    const auto& position = item.message.position;
    span.began(item.arrival);
    span.rename("process " + position.source.topic);
    span.set(span_name::messaging_system_name, messaging_.system);
    span.set(span_name::messaging_operation_name, "process");
    span.set(span_name::messaging_operation_type, "process");
    span.set(span_name::messaging_destination_name, position.source.topic);
    span.set(span_name::messaging_destination_partition_id, std::to_string(position.source.partition));
    span.set(span_name::kafka_offset, position.offset);
    if (item.message.key) span.set(span_name::kafka_message_key, *item.message.key);
    span.set(span_name::messaging_consumer_group_name, group_);
    span.set(ending_name, ending);
    span.link(item.batch);
    return span;
}

void ProcessSpans::finished(const WorkItem& item, Ending ending) const {
    if (!item.trace.is_sampled || ending == Ending::dead_lettered) return;
    begin(item, name(ending));
}

void ProcessSpans::condemned(const WorkItem& item, const Error& error) const {
    if (!item.trace.is_sampled) return;
    auto span = begin(item, name(Ending::dead_lettered));
    span.fail(name(error.code), error.detail);
}

}  // namespace productd
