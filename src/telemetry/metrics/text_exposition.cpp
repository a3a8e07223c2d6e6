// Writes lines into one text. What the two dialects do differently is said where it is done.
#include "telemetry/metrics/text_exposition.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iterator>
#include <utility>

#include "telemetry/metrics/exposition.hpp"

namespace productd {

namespace {

constexpr std::string_view counter_suffix = "_total";

std::pair<std::string_view, std::string_view> name_and_value(const prometheus::ClientMetric::Label& label) {
    return {label.name, label.value};
}
std::pair<std::string_view, std::string_view> name_and_value(const std::pair<const std::string, std::string>& label) {
    return label;
}

}  // namespace

void TextExposition::write(const prometheus::MetricFamily& family) {
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    std::string_view name = family.name;
    std::string_view type = is_counter ? "counter" : "gauge";
    if (is_openmetrics_ && is_counter) {
        const bool fits = name.ends_with(counter_suffix);
        if (fits) name.remove_suffix(counter_suffix.size());
        if (!fits) type = "unknown";
    }
    head(name, type, family.help);
    for (const auto& metric : family.metric) {
        sample(family.name, {}, metric.label);
        value(is_counter ? metric.counter.value : metric.gauge.value);
        out_ += '\n';
    }
}

void TextExposition::write(const ScrapedHistograms& family) {
    head(family.name, "histogram", family.help);
    for (const auto& [labels, counts] : family.histograms) {
        sample(family.name, "_count", labels);
        fmt::format_to(std::back_inserter(out_), "{}\n", counts.count);
        sample(family.name, "_sum", labels);
        value(counts.sum);
        out_ += '\n';
        buckets(family, labels, counts);
    }
}

void TextExposition::end() {
    if (is_openmetrics_) out_ += "# EOF\n";
}

void TextExposition::buckets(const ScrapedHistograms& family, const prometheus::Labels& labels,
                             const HistogramCounts& counts) {
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < counts.classic.size(); ++bucket) {
        below += counts.classic[bucket];
        auto le = bucket < family.bounds.size() ? fmt::format("{}", family.bounds[bucket]) : "+Inf";
        // OpenMetrics writes bounds as floating point, and so does Prometheus for what it reads from protocol buffers.
        if (is_openmetrics_ && le.find_first_not_of("0123456789") == std::string::npos) le += ".0";
        sample(family.name, "_bucket", labels, le);
        fmt::format_to(std::back_inserter(out_), "{}", below);
        if (is_openmetrics_ && counts.exemplars[bucket]) exemplar(*counts.exemplars[bucket]);
        out_ += '\n';
    }
}

void TextExposition::head(std::string_view name, std::string_view type, std::string_view help) {
    out_.append("# HELP ").append(name) += ' ';
    escaped(help, is_openmetrics_ ? "\\\n\"" : "\\\n");
    out_.append("\n# TYPE ").append(name).append(" ").append(type) += '\n';
    if (const auto unit = unit_of(name); is_openmetrics_ && !unit.empty()) {
        out_.append("# UNIT ").append(name).append(" ").append(unit) += '\n';
    }
}

template <class Labels>
void TextExposition::sample(std::string_view name, std::string_view suffix, const Labels& labels, std::string_view le) {
    out_.append(name).append(suffix);
    bool is_first = true;
    for (const auto& one : labels) {
        const auto [key, text] = name_and_value(one);
        label(key, text, std::exchange(is_first, false));
    }
    if (!le.empty()) label("le", le, std::exchange(is_first, false));
    out_ += is_first ? " " : "} ";
}

void TextExposition::label(std::string_view name, std::string_view value, bool is_first) {
    (out_ += is_first ? '{' : ',').append(name).append("=\"");
    escaped(value, "\\\n\"");
    out_ += '"';
}

void TextExposition::value(double number) {
    if (std::isfinite(number)) {
        fmt::format_to(std::back_inserter(out_), "{}", number);
    } else {
        out_ += std::isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
    }
}

void TextExposition::exemplar(const Exemplar& exemplar) {
    out_ += " # ";
    bool is_first = true;
    for (const auto& [name, text] : labels_of(exemplar)) label(name, text, std::exchange(is_first, false));
    out_ += "} ";
    value(exemplar.value);
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(exemplar.time.time_since_epoch()).count();
    fmt::format_to(std::back_inserter(out_), " {}.{:03}", time / 1'000, time % 1'000);
}

void TextExposition::escaped(std::string_view text, std::string_view special) {
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) out_ += '\\';
        out_ += c == '\n' ? 'n' : c;
    }
}

}  // namespace productd
