// What the configuration says of wrong values, odd combinations and unknown keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/config/config_fixture.hpp"

namespace productd {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

using ConfigErrorsTest = ConfigTest;

TEST_F(ConfigErrorsTest, NamesFileLineKeyValueAndRangeOfEveryWrongValueAtOnce) {
    EXPECT_EQ(error_of("Http:\n  Port: 70000\n  Timeout: soon\n\nbus: rabbit\nLog: {BytesMax: 2MB}\n"),
              "config.yaml:2: Http.Port is \"70000\"; it must be a port from 0 to 65535.\n"
              "config.yaml:3: Http.Timeout is \"soon\"; it must be a duration from 10ms to 1h, like 15s or 250ms.\n"
              "config.yaml:5: bus is \"rabbit\"; it must be one of sqlite, kafka.\n"
              "config.yaml:6: Log.BytesMax is \"2MB\"; it must be a size from 16MiB to 4096GiB, like 256KiB or 2MiB.");
}

TEST_F(ConfigErrorsTest, NamesTheVariableAndTheFlagOfAWrongValue) {
    const auto loaded = load_config({.flags = {{"--grpc-port", "Server.Port", "-1"}},
                                     .environment = {{"HTTP_PORT", "http"}, {"PRODUCTD_WORKER_BATCH_MAX", "0"}}});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().detail,
              "HTTP_PORT: Http.Port is \"http\"; it must be a port from 0 to 65535.\n"
              "PRODUCTD_WORKER_BATCH_MAX: Worker.BatchMax is \"0\"; it must be a number from 1 to 10000.\n"
              "--grpc-port: Server.Port is \"-1\"; it must be a port from 0 to 65535.");
}

TEST_F(ConfigErrorsTest, RefusesNumbersThatDoNotFit) {
    for (const auto* value :
         {"99999999999999999999", "1e3", "1.5", "0x10", "9223372036854775807d", "1 2", "--1", "''"}) {
        EXPECT_THAT(error_of(std::string("Http: {Timeout: ") + value + "}\n"), HasSubstr("Http.Timeout is ")) << value;
    }
}

TEST_F(ConfigErrorsTest, SaysWhatIsWrongWithAFileThatIsNotAMapping) {
    EXPECT_THAT(error_of("- a\n- b\n"), HasSubstr("config.yaml:1: the file must be a mapping"));
    EXPECT_THAT(error_of("Http: {Port: 1\nServer: [\n"), HasSubstr("this is not YAML"));
    EXPECT_THAT(error_of("Http:\n  Port: [1, 2]\n"), HasSubstr("config.yaml:2: Http.Port is "));
    EXPECT_THAT(error_of("Http:\n  Port: {a: b}\n"), HasSubstr("config.yaml:2: Http.Port is "));
    EXPECT_THAT(error_of(std::string(200'000, '[')), HasSubstr("this is not YAML"));
    EXPECT_EQ(error_of(""), "no error");
    EXPECT_EQ(error_of("Http:\nServer: ~\n"), "no error");
}

TEST_F(ConfigErrorsTest, SaysThatANamedFileIsMissing) {
    const auto loaded = load_config({.flags = {}, .environment = {}, .file = folder_ / "none.yaml"});
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().detail, HasSubstr("none.yaml cannot be read: No such file or directory."));
    const auto folder = load_config({.flags = {}, .environment = {}, .file = folder_});
    ASSERT_FALSE(folder);
    EXPECT_THAT(folder.error().detail, HasSubstr("is a folder"));
}

TEST_F(ConfigErrorsTest, RefusesAKeyGivenTwice) {
    EXPECT_THAT(error_of("Http: {Port: 1}\nHttp: {Port: 2}\n"), HasSubstr("config.yaml:2: Http.Port is given twice"));
    EXPECT_THAT(error_of("Http: {Port: 1, port: 2}\n"), HasSubstr("Http.Port is given twice, first at config.yaml:1"));
    EXPECT_THAT(error_of("Http: {ReadTimeout: 1, BodyTimeout: 2}\n"), HasSubstr("Http.BodyTimeout is given twice"));
}

TEST_F(ConfigErrorsTest, RefusesCombinationsThatCannotWork) {
    EXPECT_THAT(error_of("Worker: {BackoffMin: 10s, BackoffMax: 1s}\n"), HasSubstr("BackoffMin must not be longer"));
    EXPECT_THAT(error_of("Http: {Port: 5000}\n"), HasSubstr("Server.Port and Http.Port must be different"));
    EXPECT_THAT(error_of("Metrics: {Port: 5007}\n"), HasSubstr("Http.Port and Metrics.Port must be different"));
    EXPECT_EQ(error_of("Http: {Port: 0}\nServer: {Port: 0}\nMetrics: {Port: 0}\n"), "no error");
}

TEST_F(ConfigErrorsTest, RefusesAPasswordInsideAnAddressWithoutRepeatingIt) {
    for (const auto* chosen : {"", "bus: kafka\ncache: redis\n"}) {
        for (const auto* address :
             {"redis://:hush@h:6379", "hush:hush@h:6379", "redis://h/?password=hush", "h:6379@hush"}) {
            const auto given = std::string("Redis: {Address: \"") + address + "\"}\nKafka: {Brokers: [\"b:9092\", \"" +
                               address + "\"]}\n" + chosen;
            const auto told = error_of(given);
            EXPECT_THAT(told,
                        HasSubstr("config.yaml:1: Redis.Address must be a host and a port alone; a user belongs to "
                                  "Redis.User, a password to Redis.Password or Redis.PasswordFile."));
            EXPECT_THAT(told, HasSubstr("config.yaml:2: Kafka.Brokers must be a host and a port alone"));
            EXPECT_THAT(told, testing::Not(HasSubstr("hush"))) << given;
        }
    }
    EXPECT_EQ(error_of("Redis: {Address: \"[::1]:6379\"}\nKafka: {Brokers: \"b-1.example:9092\"}\n"), "no error");
}

TEST_F(ConfigErrorsTest, WarnsOfAPasswordThatIsReadableOnTheNetwork) {
    const std::string kafka = "bus: kafka\nKafka: {Brokers: \"b:9092\", User: u, Password: hush, Mechanism: ";
    const auto warnings = [&](const std::string& rest) {
        const auto loaded = load_text(kafka + rest);
        return loaded ? loaded->warnings : std::vector{loaded.error().detail};
    };
    EXPECT_THAT(warnings("PLAIN}\n"), ElementsAre(HasSubstr("config.yaml:2: Kafka.Mechanism PLAIN sends Kafka.Password "
                                                            "readable over the network; set Kafka.Security: tls.")));
    EXPECT_THAT(warnings("PLAIN, Security: tls}\n"), ElementsAre());
    EXPECT_THAT(warnings("SCRAM-SHA-512}\n"), ElementsAre()) << "its password does not travel";
}

TEST_F(ConfigErrorsTest, WarnsOfAnAddressWhoseEngineIsNotChosen) {
    const auto loaded = load_text(
        "Kafka: {Brokers: [\"localhost:9092\"]}\n"
        "MongoDB:\n  URI: mongodb://user:hush@localhost:27017\n"
        "Redis: {RedisAddr: \"localhost:6379\", PoolSize: 300}\n");
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_THAT(loaded->warnings,
                ElementsAre(HasSubstr("config.yaml:1: Kafka.Brokers is set, but nothing uses it; bus: kafka does."),
                            HasSubstr("config.yaml:3: MongoDB.URI is set, but nothing uses it; store: mongodb does."),
                            HasSubstr("config.yaml:4: Redis.Address is set, but nothing uses it; cache: redis does.")));
    EXPECT_THAT(loaded->notes, ElementsAre(HasSubstr("Redis.PoolSize")));
}

TEST_F(ConfigErrorsTest, DoesNotWarnOfAnAddressInUseNorOfADefaultBesideAChoice) {
    const auto warnings = [&](const std::string& yaml) { return load_text(yaml)->warnings; };
    EXPECT_THAT(warnings("store: mongodb\nMongoDB: {URI: \"mongodb://h\"}\n"), ElementsAre());
    EXPECT_THAT(warnings("store: sqlite\nMongoDB: {URI: \"" + Config{}.mongo.uri + "\"}\n"), ElementsAre());
    EXPECT_THAT(warnings("store: sqlite\nMongoDB: {URI: \"mongodb://h\"}\n"), ElementsAre(HasSubstr("MongoDB.URI")));
}

TEST_F(ConfigErrorsTest, RefusesAWorkerThatMayTakeLongerToDrainThanTheProcessToEnd) {
    const auto* sentence =
        "Worker.DrainLimit (default: 3s) must not be longer than Shutdown.Timeout (config.yaml:1: 2s)";
    EXPECT_THAT(error_of("Shutdown: {Timeout: 2s}\n"), HasSubstr(sentence)) << "the default is too long for it";
    EXPECT_THAT(error_of("Worker:\n  DrainLimit: 15001ms\n"), HasSubstr("Worker.DrainLimit (config.yaml:2: 15001ms)"));
    EXPECT_EQ(error_of("Worker: {DrainLimit: 2s}\nShutdown: {Timeout: 2s}\n"), "no error");
}

TEST_F(ConfigErrorsTest, WarnsOfUnknownKeysWithTheNearestKnownName) {
    const auto loaded = load_text("Http: {Prt: 1, Frobnicate: 2}\nWorkr: {BatchMax: 3}\n");
    ASSERT_TRUE(loaded) << loaded.error().detail;
    ASSERT_EQ(loaded->warnings.size(), 3u);
    EXPECT_THAT(loaded->warnings[0], EndsWith("config.yaml:1: Http.Prt is not a key; did you mean Http.Port?"));
    EXPECT_THAT(loaded->warnings[1], HasSubstr("Http.Frobnicate is not a key."));
    EXPECT_THAT(loaded->warnings[2],
                HasSubstr("config.yaml:2: Workr.BatchMax is not a key; did you mean Worker.BatchMax?"));
    const auto variable = load_config({.flags = {}, .environment = {{"PRODUCTD_HTTP_PROT", "1"}}});
    ASSERT_TRUE(variable);
    EXPECT_THAT(variable->warnings,
                ElementsAre(HasSubstr("PRODUCTD_HTTP_PROT: Http.prot is not a key; did you mean Http.Port?")));
}

}  // namespace
}  // namespace productd
