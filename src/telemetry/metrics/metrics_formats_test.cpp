// What a scrape shows, in each format.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "telemetry/metrics.hpp"
#include "tracing/span_fixture.hpp"

namespace productd {
namespace {

using test::field;
using test::fields_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Fields = std::multimap<std::uint64_t, std::string>;

const std::vector<double> few_bounds{0.5, 1, 2.5};

SpanContext span() { return parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"); }

double number(const std::string& bytes) { return std::bit_cast<double>(test::fixed64(bytes)); }

/// All of a field of a message, in order.
std::vector<std::string> all_of(const Fields& message, std::uint64_t number) {
    std::vector<std::string> found;
    const auto [begin, end] = message.equal_range(number);
    for (auto it = begin; it != end; ++it) found.push_back(it->second);
    return found;
}

/// The families of a delimited scrape, by name.
std::map<std::string, Fields> families_of(const std::string& scrape) {
    std::map<std::string, Fields> families;
    packed::Reader reader(scrape);
    while (!reader.rest().empty()) {
        auto fields = fields_of(reader.text());
        families[field(fields, 1)] = std::move(fields);
    }
    EXPECT_TRUE(reader.ok());
    return families;
}

std::vector<std::int64_t> signed_numbers(const std::string& bytes) {
    std::vector<std::int64_t> numbers;
    packed::Reader reader(bytes);
    while (!reader.rest().empty()) numbers.push_back(reader.signed_number());
    return numbers;
}

class MetricsFormats : public testing::Test {
protected:
    /// The message Histogram of a family without labels.
    Fields histogram(const std::string& name, HistogramForms forms = HistogramForms::all) const {
        const auto families = families_of(metrics_.shown(MetricsFormat::protobuf, forms));
        return fields_of(field(fields_of(field(families.at(name), 4)), 7));
    }
    std::string openmetrics() const { return metrics_.shown(MetricsFormat::openmetrics); }

    Metrics metrics_;
};

TEST_F(MetricsFormats, TextIsAsPrometheusHasItSinceEver) {
    metrics_.counter("a_total", "Of \\ and \" and\nlines").Increment(3);
    metrics_.gauge("b_bytes", "B").Set(1e15);
    auto& histograms = metrics_.histograms("c_seconds", "C", few_bounds);
    histograms.add({{"path", "a\"b\\c\nd"}, {"zone", "z"}}).observe(1, span());
    EXPECT_EQ(metrics_.text(),
              "# HELP a_total Of \\\\ and \" and\\nlines\n# TYPE a_total counter\na_total 3\n"
              "# HELP b_bytes B\n# TYPE b_bytes gauge\nb_bytes 1000000000000000\n"
              "# HELP c_seconds C\n# TYPE c_seconds histogram\n"
              "c_seconds_count{path=\"a\\\"b\\\\c\\nd\",zone=\"z\"} 1\n"
              "c_seconds_sum{path=\"a\\\"b\\\\c\\nd\",zone=\"z\"} 1\n"
              "c_seconds_bucket{path=\"a\\\"b\\\\c\\nd\",zone=\"z\",le=\"0.5\"} 0\n"
              "c_seconds_bucket{path=\"a\\\"b\\\\c\\nd\",zone=\"z\",le=\"1\"} 1\n"
              "c_seconds_bucket{path=\"a\\\"b\\\\c\\nd\",zone=\"z\",le=\"2.5\"} 1\n"
              "c_seconds_bucket{path=\"a\\\"b\\\\c\\nd\",zone=\"z\",le=\"+Inf\"} 1\n");
}

TEST_F(MetricsFormats, OpenMetricsHasUnitsAndItsOwnNamesOfCounters) {
    metrics_.counter("a_seconds_total", "Of \\ and \" and\nlines").Increment(3);
    metrics_.counter("older_total_requests", "O").Increment();
    metrics_.gauge("b_bytes", "B").Set(2);
    const auto shown = openmetrics();
    EXPECT_THAT(shown, HasSubstr("# HELP a_seconds Of \\\\ and \\\" and\\nlines\n# TYPE a_seconds counter\n"
                                 "# UNIT a_seconds seconds\na_seconds_total 3\n"));
    EXPECT_THAT(shown, HasSubstr("# TYPE older_total_requests unknown\nolder_total_requests 1\n"));
    EXPECT_THAT(shown, HasSubstr("# TYPE b_bytes gauge\n# UNIT b_bytes bytes\nb_bytes 2\n"));
    EXPECT_THAT(shown, testing::EndsWith("\n# EOF\n"));
    EXPECT_THAT(metrics_.text(), HasSubstr("# TYPE older_total_requests counter\nolder_total_requests 1\n"));
}

TEST_F(MetricsFormats, OpenMetricsShowsTheExemplarBehindItsBucketAndTextNone) {
    metrics_.histogram("c", "C", few_bounds).observe(0.75, span());
    const auto shown = openmetrics();
    EXPECT_THAT(shown, HasSubstr("c_bucket{le=\"0.5\"} 0\n"));
    EXPECT_THAT(shown,
                testing::ContainsRegex("\nc_bucket.le=\"1.0\". 1 # .trace_id=\"0af7651916cd43dd8448eb211c80319c\","
                                       "span_id=\"b7ad6b7169203331\". 0.75 [0-9]+\\.[0-9][0-9][0-9]\n"));
    EXPECT_THAT(shown, HasSubstr("c_bucket{le=\"2.5\"} 1\nc_bucket{le=\"+Inf\"} 1\n"));
    EXPECT_THAT(metrics_.text(), Not(HasSubstr("trace_id")));
}

TEST_F(MetricsFormats, WhatIsNoFiniteNumberHasItsName) {
    auto& gauge = metrics_.gauge("g", "G");
    for (const auto& [value, shown] : std::map<double, std::string>{{INFINITY, "+Inf"}, {-INFINITY, "-Inf"}}) {
        gauge.Set(value);
        EXPECT_THAT(metrics_.text(), HasSubstr("\ng " + shown + "\n"));
        EXPECT_THAT(openmetrics(), HasSubstr("\ng " + shown + "\n"));
    }
    gauge.Set(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THAT(openmetrics(), HasSubstr("\ng NaN\n"));
}

TEST_F(MetricsFormats, ProtobufKeepsNamesAndTypesOfCountersAndGauges) {
    metrics_.counter("a_seconds_total", "A").Increment(3);
    metrics_.counter("older_total_requests", "O").Increment();
    metrics_.gauge("b_bytes", "B").Set(2);
    const auto families = families_of(metrics_.shown(MetricsFormat::protobuf));
    ASSERT_EQ(families.size(), 3);
    for (const auto& [name, type, unit] :
         {std::tuple("a_seconds_total", "0", "seconds"), std::tuple("older_total_requests", "0", ""),
          std::tuple("b_bytes", "1", "bytes")}) {
        EXPECT_EQ(field(families.at(name), 3), type) << name;
        EXPECT_EQ(field(families.at(name), 5), unit) << name;
    }
    const auto metric = fields_of(field(families.at("a_seconds_total"), 4));
    EXPECT_EQ(number(field(fields_of(field(metric, 3)), 1)), 3);
}

TEST_F(MetricsFormats, ProtobufHasBothKindsOfBucketsOfAHistogram) {
    auto& histogram_c = metrics_.histogram("c", "C", few_bounds);
    for (const auto value : {0.0, 0.5, 0.5, 0.5, 0.6, 2.0, 3.0}) histogram_c.observe(value);
    const auto shown = histogram("c");
    EXPECT_EQ(field(shown, 1), "7");
    EXPECT_DOUBLE_EQ(number(field(shown, 2)), 7.1);
    std::vector<std::pair<double, std::string>> classic;
    for (const auto& bucket : all_of(shown, 3)) {
        const auto fields = fields_of(bucket);
        classic.emplace_back(number(field(fields, 2)), field(fields, 1));
    }
    EXPECT_THAT(classic,
                ElementsAre(std::pair(0.5, "4"), std::pair(1.0, "5"), std::pair(2.5, "6"), std::pair(INFINITY, "7")));
    EXPECT_EQ(field(shown, 5), "6") << "schema 3, zigzag";
    EXPECT_EQ(number(field(shown, 6)), native::zero_threshold);
    EXPECT_EQ(field(shown, 7), "1");
    // Indexes: 0.5 is -8, 0.6 is -5, 2 is 8, 3 is 13; a gap of two is bridged.
    std::vector<std::pair<std::int64_t, std::string>> spans;
    for (const auto& one : all_of(shown, 12)) {
        const auto fields = fields_of(one);
        const auto raw = std::stoll(field(fields, 1));
        spans.emplace_back((raw >> 1) ^ -(raw & 1), field(fields, 2));
    }
    EXPECT_THAT(spans, ElementsAre(std::pair(-8, "4"), std::pair(12, "1"), std::pair(4, "1")));
    EXPECT_THAT(signed_numbers(field(shown, 13)), ElementsAre(3, -3, 0, 1, 0, 0));
}

TEST_F(MetricsFormats, ProtobufHasExemplarsOfBucketsAndTheLatestForNativeOnes) {
    auto& histogram_c = metrics_.histogram("c", "C", few_bounds);
    histogram_c.observe(3, span());
    histogram_c.observe(0.75, span());
    const auto shown = histogram("c");
    EXPECT_EQ(field(fields_of(all_of(shown, 3)[0]), 3), "");
    EXPECT_NE(field(fields_of(all_of(shown, 3)[1]), 3), "");
    const auto exemplars = all_of(shown, 16);
    ASSERT_EQ(exemplars.size(), 2);
    EXPECT_EQ(exemplars[1], field(fields_of(all_of(shown, 3)[1]), 3)) << "the older one first";
    const auto exemplar = fields_of(exemplars[0]);
    std::map<std::string, std::string> labels;
    for (const auto& pair : all_of(exemplar, 1)) labels[field(fields_of(pair), 1)] = field(fields_of(pair), 2);
    EXPECT_EQ(labels.at("trace_id"), "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(labels.at("span_id"), "b7ad6b7169203331");
    EXPECT_EQ(number(field(exemplar, 2)), 3);
    const auto time = std::chrono::seconds(std::stoll(field(fields_of(field(exemplar, 3)), 1)));
    EXPECT_GE(std::chrono::system_clock::now().time_since_epoch(), time);
}

TEST_F(MetricsFormats, EitherKindOfBucketsCanBeLeftOut) {
    metrics_.gauge("g", "G");
    metrics_.histogram("c", "C", few_bounds).observe(3, span());
    const auto classic = histogram("c", HistogramForms::classic);
    for (const auto of_native : {5, 6, 7, 12, 13, 16}) EXPECT_EQ(classic.count(static_cast<unsigned>(of_native)), 0);
    EXPECT_EQ(classic.count(3), few_bounds.size() + 1);
    const auto native = histogram("c", HistogramForms::native);
    EXPECT_EQ(native.count(3), 0);
    EXPECT_EQ(native.count(16), 1);
    EXPECT_EQ(families_of(metrics_.shown(MetricsFormat::protobuf, HistogramForms::native)).size(), 1) << "no gauge";
    EXPECT_EQ(metrics_.shown(MetricsFormat::openmetrics, HistogramForms::native), "# EOF\n");
    EXPECT_EQ(metrics_.shown(MetricsFormat::text, HistogramForms::native), "");
    EXPECT_EQ(metrics_.shown(MetricsFormat::openmetrics, HistogramForms::classic), openmetrics());
}

TEST_F(MetricsFormats, AHistogramThatIsEmptyIsANativeOneToo) {
    metrics_.histogram("c", "C", few_bounds);
    const auto shown = histogram("c");
    EXPECT_EQ(field(shown, 1), "0");
    EXPECT_GT(number(field(shown, 6)), 0) << "by which Prometheus tells it";
}

TEST_F(MetricsFormats, AFamilyIsMadeOnceAndOnlyWithItsBounds) {
    auto& first = metrics_.histograms("c", "C", few_bounds);
    EXPECT_EQ(&first, &metrics_.histograms("c", "C", few_bounds));
    EXPECT_EQ(&first.add({{"a", "b"}}), &first.add({{"a", "b"}}));
    EXPECT_NE(&first.add({{"a", "b"}}), &first.add({{"a", "c"}}));
    EXPECT_THROW(metrics_.histograms("c", "C", {1}), std::logic_error);
}

}  // namespace
}  // namespace productd
