#include "runtime/tracing_settings.hpp"

#include <gmock/gmock.h>

#include "runtime/config/config_fixture.hpp"

namespace productd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class TracingSettingsTest : public ConfigTest {
protected:
    static Result<LoadedConfig> load_environment(std::vector<std::pair<std::string, std::string>> environment) {
        return load_config({.flags = {}, .environment = std::move(environment)});
    }
};

TEST_F(TracingSettingsTest, AListIsReadAsOpenTelemetrysVariablesHaveIt) {
    EXPECT_THAT(key_value_list(" a=1 , b=x%20y%2Cz,c=%zz=").value(),
                ElementsAre(Pair("a", "1"), Pair("b", "x y,z"), Pair("c", "%zz=")));
    EXPECT_THAT(key_value_list("").value(), IsEmpty());
    for (const auto* wrong : {"a", "=1", "a=1,,b=2"}) EXPECT_FALSE(key_value_list(wrong)) << wrong;
}

TEST_F(TracingSettingsTest, AnEndpointSaysWhereAndWhetherByTls) {
    const auto target = [](std::string_view text) { return parse_otlp_endpoint(text).target; };
    EXPECT_EQ(target("http://collector:4317"), "collector:4317");
    EXPECT_EQ(target("https://collector"), "collector:4317");
    EXPECT_EQ(target("collector:1/v1/traces"), "collector:1");
    EXPECT_EQ(target("[::1]"), "[::1]:4317");
    EXPECT_TRUE(parse_otlp_endpoint("https://collector").is_tls);
    EXPECT_FALSE(parse_otlp_endpoint("collector:4317").is_tls);
}

TEST_F(TracingSettingsTest, OursWinOverOpenTelemetrysVariablesAndTheseOverTheFile) {
    write("config.yaml", "Tracing: {ServiceName: file, Timeout: 3s}\n");
    const auto loaded = load_config({.flags = {},
                                     .environment = {{"OTEL_SERVICE_NAME", "otel"},
                                                     {"OTEL_EXPORTER_OTLP_TIMEOUT", "250"},
                                                     {"PRODUCTD_TRACING_SERVICE_NAME", "ours"}},
                                     .file = folder_ / "config.yaml"});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(loaded->config.tracing.service_name, "ours");
    EXPECT_EQ(loaded->config.tracing.otlp.timeout, std::chrono::milliseconds(250));
}

TEST_F(TracingSettingsTest, WhatOthersAreToldAndMeansNothingHereIsAWarning) {
    const auto loaded = load_environment({{"OTEL_TRACES_SAMPLER", "xray"},
                                          {"OTEL_BSP_SCHEDULE_DELAY", "120000"},
                                          {"OTEL_SDK_DISABLED", "1"},
                                          {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_FALSE(loaded->config.tracing.is_disabled);
    EXPECT_EQ(loaded->warnings.size(), 4U);
    EXPECT_THAT(loaded->warnings, Contains(HasSubstr("OTEL_TRACES_SAMPLER")));
    EXPECT_THAT(loaded->warnings, Contains(HasSubstr("grpc")));
    EXPECT_TRUE(load_environment({{"OTEL_TRACES_EXPORTER", "none"}})->config.tracing.is_disabled);
}

TEST_F(TracingSettingsTest, WhatWouldEndTheProcessOrHaveAllRefusedIsNotTaken) {
    for (const auto* wrong : {"authorization=a%0Ab", "x y=1", "key-bin=1", "authorization=%C3%BC"}) {
        EXPECT_FALSE(load_environment({{"PRODUCTD_TRACING_HEADERS", wrong}})) << wrong;
    }
    EXPECT_FALSE(load_environment({{"PRODUCTD_TRACING_ATTRIBUTES", "team=%FF"}}));
    for (const auto* wrong : {"unix:///x", "user@host:4317", "http://", "host:port"}) {
        EXPECT_FALSE(load_environment({{"PRODUCTD_TRACING_ENDPOINT", wrong}})) << wrong;
    }
    EXPECT_FALSE(load_environment(
        {{"PRODUCTD_TRACING_ENDPOINT", "https://host:4317"}, {"PRODUCTD_TRACING_CA_FILE", "/nowhere/ca.pem"}}));
    const auto loaded = load_environment(
        {{"PRODUCTD_TRACING_ENDPOINT", "host:4317"}, {"PRODUCTD_TRACING_HEADERS", "Authorization=Bearer%20x"}});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_THAT(loaded->warnings, ElementsAre(HasSubstr("readable by others")));
    EXPECT_THAT(otlp_settings(loaded->config).headers, ElementsAre(Pair("authorization", "Bearer x")));
}

TEST_F(TracingSettingsTest, ABatchIsSmallerThanTheQueueItComesFrom) {
    const auto loaded = load_environment({{"PRODUCTD_TRACING_QUEUE_MAX", "100"}});
    EXPECT_EQ(otlp_settings(loaded->config).batch_spans_max, 50U);
}

TEST_F(TracingSettingsTest, TheOlderSectionIsMappedInWhateverOrderAndTheNewerOneWins) {
    for (const auto* text : {"Jaeger: {Host: 'old:6831'}\nTracing: {Endpoint: 'new:4317'}\n",
                             "Tracing: {Endpoint: 'new:4317'}\nJaeger: {Host: 'old:6831'}\n"}) {
        const auto loaded = load_text(text);
        ASSERT_TRUE(loaded) << loaded.error().detail;
        EXPECT_EQ(loaded->config.tracing.otlp.endpoint, "new:4317");
    }
    const auto endpoint = [this](const std::string& host) {
        return load_text("Jaeger: {Host: '" + host + "'}\n")->config.tracing.otlp.endpoint;
    };
    EXPECT_EQ(endpoint("jaeger"), "jaeger:4317");
    EXPECT_EQ(endpoint("[::1]:6831"), "[::1]:4317");
    EXPECT_EQ(endpoint(""), "");
    EXPECT_EQ(endpoint("http://jaeger"), "");
}

}  // namespace
}  // namespace productd
