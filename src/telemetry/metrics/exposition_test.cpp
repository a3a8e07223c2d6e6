// Which format a scraper gets for what it says it accepts.
#include "telemetry/metrics/exposition.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace productd {
namespace {

constexpr auto text = MetricsFormat::text, openmetrics = MetricsFormat::openmetrics, protobuf = MetricsFormat::protobuf;

TEST(Exposition, EachReleaseOfPrometheusGetsWhatItAsksForFirst) {
    // 2.42, and with --enable-feature=native-histograms.
    EXPECT_EQ(accepted_format("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
                              "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
              openmetrics);
    EXPECT_EQ(
        accepted_format("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
                        "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;"
                        "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
        protobuf);
    // 3, and with scrape_native_histograms.
    EXPECT_EQ(accepted_format("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                              "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
                              "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"),
              openmetrics);
    EXPECT_EQ(
        accepted_format("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
                        "q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.1"),
        protobuf);
    // Older ones, and such as are told to ask for text alone.
    EXPECT_EQ(accepted_format("text/plain;version=0.0.4;q=1,*/*;q=0.1"), text);
    EXPECT_EQ(accepted_format("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
              text);
}

TEST(Exposition, WhatNamesNoFormatGetsText) {
    for (const auto* accept :
         {"", ",", ";", "*/*", "text/*", "text/html,application/xhtml+xml,*/*;q=0.8", "image/png", "application/json",
          "nonsense", "application/openmetrics-text;version=2.0.0", "application/vnd.google.protobuf",
          "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
          "application/vnd.google.protobuf;proto=another.Message;encoding=delimited",
          "application/openmetrics-text;q=0", "application/openmetrics-text;q=high", "application/openmetrics-text;q=2",
          "application/openmetrics-text;q="}) {
        EXPECT_EQ(accepted_format(accept), text) << accept;
    }
}

TEST(Exposition, TheHighestWeightWinsWhereverItStands) {
    EXPECT_EQ(accepted_format("text/plain;q=0.9,application/openmetrics-text;q=0.8"), text);
    EXPECT_EQ(accepted_format("text/plain;q=0.8,application/openmetrics-text;q=0.9"), openmetrics);
    EXPECT_EQ(accepted_format("application/openmetrics-text;q=0.001,image/png"), openmetrics);
}

TEST(Exposition, OfOneWeightTheFormatThatSaysMoreWins) {
    EXPECT_EQ(accepted_format("text/plain,application/openmetrics-text"), openmetrics);
    EXPECT_EQ(accepted_format("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                              "encoding=delimited,application/openmetrics-text,text/plain"),
              protobuf);
}

TEST(Exposition, TypesAndParametersAreReadWithAnyCaseBlanksAndQuotes) {
    EXPECT_EQ(accepted_format(" Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.5 , text/plain;q=0.4"),
              openmetrics);
}

TEST(Exposition, OnlySecondsAndBytesAtTheEndAreUnits) {
    EXPECT_EQ(unit_of("a_duration_seconds"), "seconds");
    EXPECT_EQ(unit_of("a_bytes"), "bytes");
    for (const auto* name : {"seconds", "a_seconds_total", "milliseconds", "a_kilobytes", "a_bytes_max", ""}) {
        EXPECT_EQ(unit_of(name), "") << name;
    }
}

TEST(Exposition, OtherWordsAskForAllOfHistograms) {
    EXPECT_EQ(histogram_forms("classic"), HistogramForms::classic);
    EXPECT_EQ(histogram_forms("native"), HistogramForms::native);
    for (const auto* word : {"", "both", "Native"}) EXPECT_EQ(histogram_forms(word), HistogramForms::all);
}

}  // namespace
}  // namespace productd
