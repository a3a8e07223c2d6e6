// Writes messages from the inside out: each is a text, then a field of the one around it.
#include "telemetry/metrics/protobuf_exposition.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "codec/protobuf_wire.hpp"

namespace productd {

namespace {

using namespace protobuf;

// metrics.proto of client_model.
constexpr unsigned family_name = 1, family_help = 2, family_type = 3, family_metric = 4, family_unit = 5;
constexpr std::uint64_t counter_type = 0, gauge_type = 1, histogram_type = 4;
constexpr unsigned metric_label = 1, metric_gauge = 2, metric_counter = 3, metric_histogram = 7;
constexpr unsigned label_name = 1, label_value = 2;
constexpr unsigned gauge_value = 1, counter_value = 1;
constexpr unsigned sample_count = 1, sample_sum = 2, bucket_field = 3, schema_field = 5, zero_threshold_field = 6,
                   zero_count = 7, positive_span = 12, positive_delta = 13, histogram_exemplars = 16;
constexpr unsigned cumulative_count = 1, upper_bound = 2, bucket_exemplar = 3;
constexpr unsigned span_offset = 1, span_length = 2;
constexpr unsigned exemplar_label = 1, exemplar_value = 2, exemplar_time = 3;
constexpr unsigned time_seconds = 1, time_nanos = 2;  // google.protobuf.Timestamp

constexpr std::size_t native_exemplars_max = 10;
constexpr int gap_max = 2;  ///< So many empty buckets are written as such: a span of its own takes more.

std::string label_pair(std::string_view name, std::string_view value) {
    std::string pair;
    put_bytes(pair, label_name, name);
    put_bytes(pair, label_value, value);
    return pair;
}

std::string family_of(std::string_view name, std::string_view help, std::uint64_t type) {
    std::string family;
    put_bytes(family, family_name, name);
    put_bytes(family, family_help, help);
    put_varint(family, family_type, type);
    auto base = name;
    if (type == counter_type && base.ends_with("_total")) base.remove_suffix(std::string_view("_total").size());
    if (const auto unit = unit_of(base); !unit.empty()) put_bytes(family, family_unit, unit);
    return family;
}

std::string exemplar_of(const Exemplar& exemplar) {
    using namespace std::chrono;
    std::string message;
    for (const auto& [name, text] : labels_of(exemplar)) put_bytes(message, exemplar_label, label_pair(name, text));
    put_fixed(message, exemplar_value, exemplar.value);
    std::string time;
    const auto since = exemplar.time.time_since_epoch();
    const auto whole = floor<seconds>(since);
    put_varint(time, time_seconds, static_cast<std::uint64_t>(whole.count()));
    put_varint(time, time_nanos, static_cast<std::uint64_t>(nanoseconds(since - whole).count()));
    put_bytes(message, exemplar_time, time);
    return message;
}

void put_classic(std::string& out, const std::vector<double>& bounds, const HistogramCounts& counts) {
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < counts.classic.size(); ++bucket) {
        below += counts.classic[bucket];
        std::string message;
        put_varint(message, cumulative_count, below);
        const auto bound = bucket < bounds.size() ? bounds[bucket] : std::numeric_limits<double>::infinity();
        put_fixed(message, upper_bound, bound);
        if (counts.exemplars[bucket]) put_bytes(message, bucket_exemplar, exemplar_of(*counts.exemplars[bucket]));
        put_bytes(out, bucket_field, message);
    }
}

/// Spans of neighbours, and each count as its difference from the one before.
void put_buckets(std::string& out, const std::vector<native::Bucket>& buckets) {
    std::string deltas;
    std::int64_t last_count = 0;
    const auto put_count = [&](std::uint64_t count) {
        packed::put_signed(deltas, static_cast<std::int64_t>(count) - last_count);
        last_count = static_cast<std::int64_t>(count);
    };
    int begin = 0, end = 0, offset = 0;  // Of the span that is open: its indexes, and its gap from the one before.
    const auto put_span = [&] {
        std::string span;
        put_signed(span, span_offset, offset);
        put_varint(span, span_length, static_cast<std::uint64_t>(end - begin));
        if (end > begin) put_bytes(out, positive_span, span);
    };
    for (const auto& [index, count] : buckets) {
        if (end == begin || index - end > gap_max) {
            put_span();
            offset = index - end;
            begin = end = index;
        }
        for (; end < index; ++end) put_count(0);
        put_count(count);
        ++end;
    }
    put_span();
    if (!deltas.empty()) put_bytes(out, positive_delta, deltas);
}

void put_native(std::string& out, const HistogramCounts& counts) {
    put_signed(out, schema_field, counts.native.schema);
    put_fixed(out, zero_threshold_field, native::zero_threshold);
    put_varint(out, zero_count, counts.native.zero_count);
    put_buckets(out, counts.native.positive);
    std::vector<Exemplar> latest;
    for (const auto& exemplar : counts.exemplars) {
        if (exemplar) latest.push_back(*exemplar);
    }
    std::ranges::sort(latest, {}, &Exemplar::time);  // In which order Prometheus takes them.
    if (latest.size() > native_exemplars_max) latest.erase(latest.begin(), latest.end() - native_exemplars_max);
    for (const auto& exemplar : latest) put_bytes(out, histogram_exemplars, exemplar_of(exemplar));
}

}  // namespace

void ProtobufExposition::write(const prometheus::MetricFamily& family) {
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    auto message = family_of(family.name, family.help, is_counter ? counter_type : gauge_type);
    for (const auto& one : family.metric) {
        std::string metric;
        for (const auto& [name, value] : one.label) put_bytes(metric, metric_label, label_pair(name, value));
        std::string number;
        put_fixed(number, is_counter ? counter_value : gauge_value, is_counter ? one.counter.value : one.gauge.value);
        put_bytes(metric, is_counter ? metric_counter : metric_gauge, number);
        put_bytes(message, family_metric, metric);
    }
    packed::put_text(out_, message);
}

void ProtobufExposition::write(const ScrapedHistograms& family) {
    auto message = family_of(family.name, family.help, histogram_type);
    for (const auto& [labels, counts] : family.histograms) {
        std::string metric;
        for (const auto& [name, value] : labels) put_bytes(metric, metric_label, label_pair(name, value));
        put_bytes(metric, metric_histogram, histogram(family, counts));
        put_bytes(message, family_metric, metric);
    }
    packed::put_text(out_, message);
}

std::string ProtobufExposition::histogram(const ScrapedHistograms& family, const HistogramCounts& counts) const {
    std::string message;
    put_varint(message, sample_count, counts.count);
    put_fixed(message, sample_sum, counts.sum);
    if (forms_ != HistogramForms::native) put_classic(message, family.bounds, counts);
    if (forms_ != HistogramForms::classic) put_native(message, counts);
    return message;
}

}  // namespace productd
