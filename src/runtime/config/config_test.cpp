// The configuration: each source, which one wins, and the files of the older service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/config/config_fixture.hpp"
#include "runtime/config/config_table.hpp"
#include "runtime/config/config_value.hpp"

namespace productd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ConfigTest, IsTheDefaultsWithoutAnySource) {
    const auto loaded = load_config({});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->config.http.port, 5007);
    EXPECT_EQ(loaded->config.http.host, "127.0.0.1");
    EXPECT_EQ(loaded->config.engine.bus, BusEngine::sqlite);
    EXPECT_THAT(loaded->warnings, IsEmpty());
    EXPECT_EQ(std::set(loaded->origins.begin(), loaded->origins.end()), std::set<std::string>{"default"});
}

TEST_F(ConfigTest, PrefersFlagsToEnvironmentToFileToDefault) {
    const auto file =
        write("config.yaml", "Http: {Port: 1001, Timeout: 9s}\nServer: {Port: 1002}\nMetrics: {Port: 1003}\n");
    const auto loaded = load_config({.flags = {{"--http-port", "Http.Port", "3001"}},
                                     .environment = {{"PRODUCTD_HTTP_PORT", "2001"}, {"PRODUCTD_SERVER_PORT", "2002"}},
                                     .file = file});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(loaded->config.http.port, 3001);
    EXPECT_EQ(loaded->config.server.port, 2002);
    EXPECT_EQ(loaded->config.metrics.port, 1003);
    EXPECT_EQ(loaded->config.http.timeouts.request, 9s);
    EXPECT_EQ(loaded->config.http.limits.body_bytes_max, 2u << 20);
}

TEST_F(ConfigTest, TakesThePortsFromTheOlderVariablesUnlessOurOwnAreSet) {
    const auto loaded =
        load_config({.flags = {},
                     .environment = {{"GRPC_PORT", ":6000"}, {"HTTP_PORT", "6007"}, {"PRODUCTD_SERVER_PORT", "6001"}}});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(loaded->config.server.port, 6001);
    EXPECT_EQ(loaded->config.http.port, 6007);
}

TEST_F(ConfigTest, FindsEveryKeyInTheEnvironmentHoweverItIsWritten) {
    const auto loaded =
        load_config({.flags = {},
                     .environment = {{"PRODUCTD_HTTP_APPLY_WAIT", "250ms"},
                                     {"PRODUCTD_LIMITS_PRODUCTBYTESMAX", "64KiB"},
                                     {"PRODUCTD_STORE", "mongodb"},
                                     {"PRODUCTD_STORE_TOMBSTONE_TTL", "9d"},
                                     {"PRODUCTD_HTTP_CORS_ORIGINS", "https://a.example, https://b.example"},
                                     {"PRODUCTD_TLS_CERT_FILE", "other.crt"},
                                     {"PRODUCTD_HTTP_PORT", ""}}});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(loaded->config.catalog.apply_wait, 250ms);
    EXPECT_EQ(loaded->config.catalog.product_bytes_max, 64u << 10);
    EXPECT_EQ(loaded->config.engine.store, StoreEngine::mongodb);
    EXPECT_EQ(loaded->config.store.tombstone_ttl, 24h * 9);
    EXPECT_THAT(loaded->config.http.exchange.cors_origins, ElementsAre("https://a.example", "https://b.example"));
    EXPECT_EQ(loaded->config.tls.cert_file, "other.crt");
    EXPECT_EQ(loaded->config.http.port, 5007) << "an empty variable is none";
    EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST_F(ConfigTest, GivesEveryKeyAVariableOfItsOwn) {
    for (const auto& key : config_keys()) {
        const auto given = key.type == ConfigType::choice ? std::string(key.choices.back())
                           : key.path() == "Tracing.Attributes" || key.path() == "Tracing.Headers" ? "a=b"
                           : key.path() == "Http.CorsOrigins"                                      ? "http://elsewhere"
                           : key.type == ConfigType::text || key.type == ConfigType::list          ? "elsewhere"
                                                                                          : std::to_string(key.max);
        Config expected;
        GivenValue value{{given}};
        auto unit = key.type == ConfigType::duration ? "ms" : "";
        value.items[0] += unit;
        ASSERT_TRUE(assign(expected, key, value)) << key.path();
        auto name = key.path();
        std::ranges::replace(name, '.', '_');
        std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
        std::vector<std::pair<std::string, std::string>> environment{{"PRODUCTD_" + name, given + unit}};
        if (key.path() == "Worker.BackoffMin") environment.emplace_back("PRODUCTD_WORKER_BACKOFFMAX", "1h");
        if (key.path() == "Shutdown.LameDuck") environment.emplace_back("PRODUCTD_SHUTDOWN_TIMEOUT", "10m");
        if (key.path() == "Worker.DrainLimit") environment.emplace_back("PRODUCTD_SHUTDOWN_TIMEOUT", "10m");
        if (key.name == "Port") value.items[0] = "65535";
        const auto loaded = load_config({.flags = {}, .environment = environment});
        ASSERT_TRUE(loaded) << loaded.error().detail;
        EXPECT_EQ(yaml_value(loaded->config, key, Show::plain), yaml_value(expected, key, Show::plain)) << key.path();
        const auto index = static_cast<std::size_t>(&key - config_keys().data());
        EXPECT_EQ(loaded->origins[index], "PRODUCTD_" + name);
    }
}

TEST_F(ConfigTest, ListensOnEveryInterfaceAndReadsTheDockerFileInDocker) {
    write("config/config-docker.yml", "Http: {Address: 10.0.0.7, Port: 1234}\n");
    const auto loaded =
        load_config({.flags = {}, .environment = {{"MODE", "DOCKER"}}, .file = {}, .working_dir = folder_});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(loaded->config.server.address, "0.0.0.0");
    EXPECT_EQ(loaded->config.metrics.host, "0.0.0.0");
    EXPECT_EQ(loaded->config.http.host, "10.0.0.7");
    EXPECT_EQ(loaded->config.http.port, 1234);
}

TEST_F(ConfigTest, ReadsNoFileThatIsNotNamedOutsideDocker) {
    write("config/config-docker.yml", "Http: {Port: 1234}\n");
    write("config/config.yaml", "Http: {Port: 1235}\n");
    const auto loaded = load_config({.flags = {}, .environment = {}, .file = {}, .working_dir = folder_});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->config.http.port, 5007);
}

TEST_F(ConfigTest, ReadsTheFileNamedInTheEnvironmentUnlessAFlagNamesOne) {
    const auto one = write("one.yaml", "Http: {Port: 1}\n");
    const auto two = write("two.yaml", "Http: {Port: 2}\n");
    EXPECT_EQ(load_config({.flags = {}, .environment = {{"PRODUCTD_CONFIG", one.string()}}})->config.http.port, 1);
    EXPECT_EQ(
        load_config({.flags = {}, .environment = {{"PRODUCTD_CONFIG", one.string()}}, .file = two})->config.http.port,
        2);
}

TEST_F(ConfigTest, ReadsBareNumbersInTheOlderUnits) {
    const auto loaded = load_text(
        "Server: {Timeout: 15, MaxConnectionIdle: 3, MaxConnectionAge: 4}\n"
        "Limits: {body_bytes_max: 4096}\n");
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(loaded->config.server.deadline_default, 15s);
    EXPECT_EQ(loaded->config.server.connection_idle_max, 3min);
    EXPECT_EQ(loaded->config.server.connection_age_max, 4min);
    EXPECT_EQ(loaded->config.http.limits.body_bytes_max, 4096u);
}

TEST_F(ConfigTest, AcceptsTheOlderServicesFileAsItIs) {
    const std::filesystem::path fixtures = PRODUCTD_SOURCE_DIR "/tests/fixtures";
    const auto loaded = load_config({.flags = {}, .environment = {}, .file = fixtures / "older-config.yaml"});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    const auto& config = loaded->config;
    EXPECT_THAT(loaded->warnings, testing::Each(HasSubstr("is set, but nothing uses it")));
    EXPECT_EQ(loaded->warnings.size(), 3u) << "of the servers it names, until the engines are chosen";
    ASSERT_EQ(loaded->notes.size(), 3u);
    EXPECT_THAT(loaded->notes[0],
                HasSubstr("Jaeger.Host of the older service is Tracing.Endpoint here: localhost:4317."));
    EXPECT_THAT(loaded->notes[1], HasSubstr("Jaeger.ServiceName"));
    EXPECT_THAT(loaded->notes[2], HasSubstr("Http.PprofPort"));
    EXPECT_THAT(loaded->notes[2], HasSubstr("Redis.PoolTimeout"));
    EXPECT_EQ(config.tracing.otlp.endpoint, "localhost:4317");
    EXPECT_EQ(config.tracing.service_name, "products_microservice");
    EXPECT_EQ(config.server.port, 5555);
    EXPECT_EQ(config.server.deadline_default, 15s);
    EXPECT_EQ(config.server.connection_idle_max, 5min);
    EXPECT_EQ(config.http.port, 5007);
    EXPECT_EQ(config.http.timeouts.request, 15s);
    EXPECT_EQ(config.http.timeouts.body, 5s);
    EXPECT_EQ(config.http.timeouts.write, 5s);
    EXPECT_EQ(config.metrics.port, 7070);
    EXPECT_THAT(config.kafka.connection.brokers, ElementsAre("localhost:9091", "localhost:9092", "localhost:9093"));
    EXPECT_EQ(config.mongo.uri, "mongodb://localhost:27017");
    EXPECT_EQ(config.mongo.database, "products");
    EXPECT_EQ(config.redis_address, "localhost:6379");
    EXPECT_EQ(config.redis.password, "");
    EXPECT_EQ(config.engine.bus, BusEngine::sqlite) << "the older file says nothing of engines";

    const auto docker = load_config({.flags = {}, .environment = {}, .file = fixtures / "older-config-docker.yaml"});
    ASSERT_TRUE(docker) << docker.error().detail;
    EXPECT_EQ(docker->config.server.port, 5000);
    EXPECT_EQ(docker->config.logger.encoding, LogEncoding::console);
}

TEST_F(ConfigTest, ReadsSecretsFromFiles) {
    const auto secret = write("secret", "hush\n");
    const auto from_variable =
        load_config({.flags = {}, .environment = {{"PRODUCTD_MONGODB_PASSWORD_FILE", secret.string()}}});
    ASSERT_TRUE(from_variable) << from_variable.error().detail;
    EXPECT_EQ(from_variable->config.mongo.password, "hush");
    const auto from_yaml = load_text("Redis: {PasswordFile: " + secret.string() + "}\n");
    ASSERT_TRUE(from_yaml) << from_yaml.error().detail;
    EXPECT_EQ(from_yaml->config.redis.password, "hush");
    EXPECT_THAT(error_of("Redis:\n  PasswordFile: /nowhere/secret\n"),
                HasSubstr("config.yaml:2: Redis.Password cannot be read from its file"));
}

TEST_F(ConfigTest, ChecksWhatKafkaNeeds) {
    EXPECT_TRUE(load_text("Kafka: {MinInsyncReplicas: 3, Mechanism: PLAIN}"));  // Not used without bus: kafka.
    const auto refused = load_text("bus: kafka\nKafka: {MinInsyncReplicas: 3, Mechanism: PLAIN}");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail,
              "Kafka.MinInsyncReplicas must not be higher than Kafka.Replicas.\n"
              "Kafka.Mechanism needs Kafka.User and Kafka.Password.");
    EXPECT_THAT(error_of("bus: kafka\nKafka: {CreateTopic: changes, DeadLetterTopic: changes}"),
                HasSubstr("Two of Kafka's topics are called changes"));
    const auto nowhere =
        load_text("bus: kafka\nKafka: {Brokers: ['http://broker:9092', 'broker', 'b:9092', '[::1]:1']}");
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().detail,
              "Kafka.Brokers has http://broker:9092; give a host and a port of each, such as localhost:9092.\n"
              "Kafka.Brokers has broker; give a host and a port of each, such as localhost:9092.");
    const auto late = load_text("bus: kafka\nServer: {Timeout: 7s}\nKafka: {DeliveryTimeout: 6s}");
    ASSERT_TRUE(late);
    ASSERT_EQ(late->warnings.size(), 1U);
    EXPECT_NE(late->warnings.front().find("Http.Timeout"), std::string::npos) << late->warnings.front();
    const auto later = load_text("bus: kafka\nServer: {Timeout: 7s}\nKafka: {DeliveryTimeout: 7s}");
    ASSERT_TRUE(later);
    EXPECT_EQ(later->warnings.size(), 2U);
}

}  // namespace
}  // namespace productd
