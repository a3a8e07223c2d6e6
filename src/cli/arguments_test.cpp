// The command line: which action it becomes, and what is said when it is none.
#include "cli/arguments.hpp"

#include <gmock/gmock.h>

#include "cli/cli_fixture.hpp"
#include "runtime/version.hpp"

namespace productd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

using ArgumentsTest = CliTest;

template <class T>
T parsed(std::vector<std::string> arguments) {
    auto action = parse_arguments(std::move(arguments), {{"GRPC_PORT", "1"}});
    if (const auto* error = std::get_if<UsageError>(&action)) ADD_FAILURE() << error->sentence;
    return std::get<T>(action);
}

std::string usage(std::vector<std::string> arguments) {
    const auto action = parse_arguments(std::move(arguments), {});
    const auto* error = std::get_if<UsageError>(&action);
    return error ? error->sentence : "no error";
}

TEST_F(ArgumentsTest, ServeTakesEveryFlagAndTheEnvironment) {
    const auto serve = parsed<Serve>({"serve", "--config", "c.yaml", "--data-dir", "d", "--http-port", "0",
                                      "--grpc-port=2", "--metrics-port", "3", "--ready-file", "r.json"});
    EXPECT_EQ(serve.sources.file, "c.yaml");
    EXPECT_EQ(serve.ready_file, "r.json");
    ASSERT_EQ(serve.sources.flags.size(), 4u);
    EXPECT_EQ(serve.sources.flags[1].key, "Http.Port");
    EXPECT_EQ(serve.sources.environment.size(), 1u);
    const auto loaded = load_config({.flags = serve.sources.flags, .environment = serve.sources.environment});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(loaded->config.data.dir, "d");
    EXPECT_EQ(loaded->config.http.port, 0);
    EXPECT_EQ(loaded->config.server.port, 2);
    EXPECT_EQ(loaded->config.metrics.port, 3);
}

TEST_F(ArgumentsTest, PublishTakesValueKeyHeadersAndPartition) {
    const auto publish =
        parsed<TopicsPublish>({"topics", "publish", "-H", "a=1", "-H", "b=x=y", "t", "[1, 2]", "-k", "", "-p", "2"});
    EXPECT_EQ(publish.topic, "t");
    EXPECT_EQ(publish.value, "[1, 2]");
    EXPECT_EQ(publish.key, "");
    EXPECT_EQ(publish.partition, 2);
    EXPECT_THAT(publish.headers, ElementsAre(Header{"a", "1"}, Header{"b", "x=y"}));
    EXPECT_EQ(parsed<TopicsPublish>({"topics", "publish", "t", ""}).value, "");
    EXPECT_EQ(parsed<TopicsPublish>({"topics", "publish", "t", "--", "-5"}).value, "-5");
    EXPECT_EQ(parsed<TopicsPublish>({"topics", "publish", "t"}).value, std::nullopt);
}

TEST_F(ArgumentsTest, ReadTakesEveryWayToSayWhere) {
    const auto from = [](const std::string& text) {
        return parsed<TopicsRead>({"topics", "read", "t", "--from", text}).from;
    };
    EXPECT_EQ(std::get<FromOffset>(from("beginning")).offset, 0);
    EXPECT_EQ(std::get<FromOffset>(from("17")).offset, 17);
    EXPECT_EQ(std::get<FromLast>(from("end")).count, 0);
    EXPECT_EQ(std::get<FromLast>(from("-5")).count, 5);
    const auto read =
        parsed<TopicsRead>({"topics", "read", "-p", "0", "-p", "2", "t", "--count", "3", "--follow", "--json"});
    EXPECT_THAT(read.partitions, ElementsAre(0, 2));
    EXPECT_EQ(read.count, 3u);
    EXPECT_TRUE(read.follow && read.json);
}

TEST_F(ArgumentsTest, OneSentenceSaysWhatIsNotUnderstood) {
    EXPECT_EQ(usage({"srve"}), "productd has no command srve; did you mean serve? See productd --help.");
    EXPECT_EQ(usage({"serve", "--htpp-port", "1"}),
              "productd serve has no flag --htpp-port; did you mean --http-port? See productd serve --help.");
    EXPECT_EQ(usage({"topics", "raed", "t"}),
              "productd topics has no command raed; did you mean read? See productd topics --help.");
    EXPECT_EQ(usage({"doctor", "now"}), "productd doctor has no argument now. See productd doctor --help.");
    EXPECT_EQ(usage({"topics", "read", "t", "--from", "x"}),
              "productd topics read: --from is x; it must be beginning, end, an offset, or -N. See productd topics "
              "read --help.");
    for (const auto& wrong : std::vector<std::vector<std::string>>{{"topics", "read"},
                                                                   {"topics", "read", "t", "--count", "0"},
                                                                   {"topics", "read", "t", "--count", "x"},
                                                                   {"topics", "read", "t", "-p", "-1"},
                                                                   {"topics", "publish", "t", "v", "--null"},
                                                                   {"topics", "publish", "t", "v", "--file", "f"},
                                                                   {"topics", "publish", "t", "-H", "nothing"},
                                                                   {"topics", "publish", "t", "-K", ""},
                                                                   {"topics", "create", "t", "--partitions", "65"},
                                                                   {"serve", "--http-port"},
                                                                   {"serve", "config"}}) {
        EXPECT_THAT(usage(wrong), MatchesRegex("productd .*\\. See productd .* --help\\."))
            << testing::PrintToString(wrong);
    }
    EXPECT_EQ(run({"srve"}).code, ExitCode::usage);
}

TEST_F(ArgumentsTest, AFlagBeforeItsCommandIsToldWhereItStands) {
    EXPECT_EQ(usage({"--config", "x", "serve"}),
              "--config stands behind its command: productd serve --config ... See productd serve --help.");
    EXPECT_EQ(usage({"--config=x", "serve"}),
              "--config stands behind its command: productd serve --config ... See productd serve --help.");
    EXPECT_EQ(usage({"topics", "--data-dir", "d", "list"}),
              "--data-dir stands behind its command: productd topics list --data-dir ... See productd topics list "
              "--help.");
    EXPECT_EQ(usage({"topics", "-k", "x", "publish", "t"}),
              "-k stands behind its command: productd topics publish -k ... See productd topics publish --help.");
    // Where there is no command yet, the nearest that has the flag is an example.
    EXPECT_EQ(usage({"--config", "x"}),
              "--config stands behind its command: productd serve --config ... See productd serve --help.");
    EXPECT_EQ(usage({"topics", "--json"}),
              "--json stands behind its command: productd topics read --json ... See productd topics read --help.");
    EXPECT_EQ(usage({"--nothing", "serve"}), "productd has no flag --nothing. See productd --help.");
    EXPECT_EQ(usage({"--verion"}), "productd has no flag --verion; did you mean --version? See productd --help.");
}

TEST_F(ArgumentsTest, ARangeIsToldInTheNumbersAPersonWouldWrite) {
    EXPECT_EQ(usage({"topics", "publish", "t", "v", "-p", "-1"}),
              "productd topics publish: --partition: -1 is not a whole number from 0. See productd topics publish "
              "--help.");
    EXPECT_EQ(usage({"topics", "read", "t", "--count", "1.5"}),
              "productd topics read: --count: 1.5 is not a whole number from 1. See productd topics read --help.");
    EXPECT_EQ(usage({"topics", "create", "t", "--partitions", "65"}),
              "productd topics create: --partitions: 65 is not a whole number from 1 to 64. See productd topics "
              "create --help.");
    EXPECT_EQ(usage({"dlq", "replay", "--all", "--rate", "0"}),
              "productd dlq replay: --rate: 0 is not a number from 0.01 to 1000000. See productd dlq replay "
              "--help.");
    for (const auto* large : {"99999999999999999999", "nan", "inf", "1e400", ""}) {
        EXPECT_THAT(usage({"dlq", "list", "--limit", large}), HasSubstr(" is not a whole number from 1. See")) << large;
        EXPECT_THAT(usage({"dlq", "replay", "--all", "--rate", large}),
                    HasSubstr(" is not a number from 0.01 to 1000000. See"))
            << large;
    }
}

TEST_F(ArgumentsTest, HelpOfEveryCommandShowsAnExample) {
    for (const auto& command : std::vector<std::vector<std::string>>{{},
                                                                     {"serve"},
                                                                     {"config"},
                                                                     {"doctor"},
                                                                     {"health"},
                                                                     {"rebuild"},
                                                                     {"backup"},
                                                                     {"restore"},
                                                                     {"migrate"},
                                                                     {"log-level"},
                                                                     {"topics"},
                                                                     {"topics", "create"},
                                                                     {"topics", "list"},
                                                                     {"topics", "describe"},
                                                                     {"topics", "publish"},
                                                                     {"topics", "read"}}) {
        auto arguments = command;
        arguments.push_back("--help");
        const auto help = run(arguments);
        EXPECT_EQ(help.code, ExitCode::success);
        EXPECT_THAT(help.out, HasSubstr("Example: ")) << testing::PrintToString(command);
        EXPECT_THAT(help.out, HasSubstr("Usage: productd"));
    }
    EXPECT_THAT(run({"--help"}).out, HasSubstr("Exit codes: 0 it worked, 1 it did not, 2 "));
}

TEST_F(ArgumentsTest, WithoutACommandTheHelpIsShown) {
    EXPECT_EQ(run({}).out, run({"--help"}).out);
    EXPECT_EQ(run({"topics"}).out, run({"topics", "--help"}).out);
}

TEST_F(ArgumentsTest, PrintsItsVersion) {
    EXPECT_EQ(run({"--version"}).out, "productd " + std::string(version_text()) + "\n");
}

TEST_F(ArgumentsTest, ConfigPrintsWhatIsInEffectAndTheReference) {
    environment_ = {{"PRODUCTD_HTTP_PORT", "8443"}, {"PRODUCTD_MONGODB_PASSWORD", "hush"}, {"PRODUCTD_HTTP_PROT", "1"}};
    const auto shown = run({"config", "--grpc-port", "7"});
    EXPECT_EQ(shown.code, ExitCode::success);
    EXPECT_THAT(shown.out, testing::ContainsRegex("  Port: 8443 +# PRODUCTD_HTTP_PORT\n"));
    EXPECT_THAT(shown.out, testing::ContainsRegex("  Port: 7 +# --grpc-port\n"));
    EXPECT_THAT(shown.out, testing::Not(HasSubstr("hush")));
    EXPECT_THAT(shown.err, HasSubstr("warning: PRODUCTD_HTTP_PROT"));
    EXPECT_THAT(run({"config", "--defaults"}).out, HasSubstr("Port: 5007"));
    const auto refused = run({"config", "--http-port", "x"});
    EXPECT_EQ(refused.code, ExitCode::usage);
    EXPECT_EQ(
        refused.err,
        "productd config: --http-port: Http.Port is \"x\"; it must be a port from 0 to 65535. See productd config "
        "--help.\n");
}

}  // namespace
}  // namespace productd
