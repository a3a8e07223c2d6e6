// Reads what a scraper accepts, one range after the other.
#include "telemetry/metrics/exposition.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace productd {

namespace {

constexpr std::string_view protobuf_type = "application/vnd.google.protobuf";

/// The text up to `end`, without blanks around it; `rest` is what follows.
std::string_view next(std::string_view& rest, char end) {
    const auto at = std::min(rest.find(end), rest.size());
    auto part = rest.substr(0, at);
    rest.remove_prefix(std::min(at + 1, rest.size()));
    constexpr std::string_view blanks = " \t";
    part.remove_prefix(std::min(part.find_first_not_of(blanks), part.size()));
    return part.substr(0, part.find_last_not_of(blanks) + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// One of the media ranges of the header: `type;parameter=…;q=0.5`.
struct Range {
    std::string type;
    std::string version;
    std::string message;
    std::string encoding;
    double weight = 1;  ///< Not above 0 where it is refused, or cannot be read.
};

double weight_of(std::string_view text) {
    double weight = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
    return error == std::errc() && end == text.data() + text.size() && weight <= 1 ? weight : 0;
}

Range range_of(std::string_view text) {
    Range range{.type = lower(next(text, ';'))};
    while (!text.empty()) {
        auto parameter = next(text, ';');
        const auto name = lower(next(parameter, '='));
        if (parameter.size() > 1 && parameter.front() == '"') parameter = parameter.substr(1, parameter.size() - 2);
        if (name == "version") range.version = parameter;
        if (name == "proto") range.message = parameter;
        if (name == "encoding") range.encoding = lower(parameter);
        if (name == "q") range.weight = weight_of(parameter);
    }
    return range;
}

/// What is sent where this is asked for.
std::optional<MetricsFormat> format_of(const Range& range) {
    if (range.type == protobuf_type) {
        const bool fits = range.message == "io.prometheus.client.MetricFamily" && range.encoding == "delimited";
        return fits ? std::optional(MetricsFormat::protobuf) : std::nullopt;
    }
    if (range.type == "application/openmetrics-text") {
        const bool fits = range.version.empty() || range.version == "1.0.0";
        return fits ? std::optional(MetricsFormat::openmetrics) : std::nullopt;
    }
    if (range.type == "text/plain") {
        const bool fits = range.version.empty() || range.version == "0.0.4";
        return fits ? std::optional(MetricsFormat::text) : std::nullopt;
    }
    if (range.type == "text/*" || range.type == "*/*") return MetricsFormat::text;
    return std::nullopt;
}

}  // namespace

MetricsFormat accepted_format(std::string_view accept) {
    auto best = std::pair(0.0, MetricsFormat::text);  // Of formats of one weight the later of the enumeration.
    while (!accept.empty()) {
        const auto range = range_of(next(accept, ','));
        const auto format = format_of(range);
        if (format && range.weight > 0) best = std::max(best, std::pair(range.weight, *format));
    }
    return best.second;
}

std::string_view content_type(MetricsFormat format) {
    switch (format) {
        case MetricsFormat::text: return "text/plain; version=0.0.4; charset=utf-8";
        case MetricsFormat::openmetrics: return "application/openmetrics-text; version=1.0.0; charset=utf-8";
        case MetricsFormat::protobuf:
            return "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
    }
    std::unreachable();
}

HistogramForms histogram_forms(std::string_view word) {
    if (word == "classic") return HistogramForms::classic;
    return word == "native" ? HistogramForms::native : HistogramForms::all;
}

std::string_view unit_of(std::string_view name) {
    static constexpr std::array units{std::string_view("seconds"), std::string_view("bytes")};
    const auto found = std::ranges::find_if(units, [name](std::string_view unit) {
        return name.size() > unit.size() && name.ends_with(unit) && name[name.size() - unit.size() - 1] == '_';
    });
    return found == units.end() ? std::string_view() : *found;
}

}  // namespace productd
