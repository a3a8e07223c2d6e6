// The commands over the event log, each way to reach it: the file, and the socket of a running service.
#include <gmock/gmock.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <fstream>
#include <future>
#include <thread>

#include "cli/cli_fixture.hpp"
#include "inbound/admin/admin_api.hpp"
#include "inbound/http/http_server.hpp"
#include "outbound/admin/admin_message_log.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/data_files.hpp"
#include "runtime/service_settings.hpp"

namespace productd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

enum class Way { file, socket };

/// What of a service the commands see: the data folder's lock, the log, and the socket in front of it.
class RunningLog {
public:
    explicit RunningLog(const Config& config)
        : directory_(DataDirectory::open(config.data.dir).value()),
          log_(SqliteMessageLog::open(log_settings(config)).value()),
          api_(*log_),
          server_(admin_settings(config), [this](HttpRequest request) { return api_.handle(std::move(request)); },
                  metrics_, {context_.get_executor()}) {
        const auto started = server_.start();
        if (!started) ADD_FAILURE() << started.error().detail;
        thread_ = std::thread([this] { context_.run(); });
    }
    ~RunningLog() {
        const auto stop = [this]() -> asio::awaitable<void> {
            co_await server_.stop(Deadline::clock::now() + std::chrono::seconds(5));
        };
        asio::co_spawn(context_, stop(), [](std::exception_ptr) {});
        thread_.join();
    }

private:
    DataDirectory directory_;
    std::unique_ptr<SqliteMessageLog> log_;
    AdminApi api_;
    Metrics metrics_;
    asio::io_context context_{1};
    HttpServer server_;
    std::thread thread_;
};

class TopicsTest : public CliTest, public testing::WithParamInterface<Way> {
protected:
    TopicsTest() {
        environment_ = {{"PRODUCTD_DATA_DIR", data()}};
        Config config;
        config.data.dir = data();
        if (GetParam() == Way::socket) running_.emplace(config);
        EXPECT_EQ(service_listens(data_files(config).admin_socket), GetParam() == Way::socket);
    }

    /// What `topics read --json` prints, with times left out.
    std::vector<std::string> read(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"topics", "read", "--json"});
        const auto printed = run(arguments);
        EXPECT_EQ(printed.code, ExitCode::success) << printed.err;
        std::vector<std::string> lines;
        std::istringstream text(printed.out);
        for (std::string line; std::getline(text, line);) {
            const auto time = line.find(",\"time\":\"");
            line.erase(time, line.find("Z\"", time) + 2 - time);
            lines.push_back(line);
        }
        return lines;
    }

    std::optional<RunningLog> running_;
};

INSTANTIATE_TEST_SUITE_P(EachWay, TopicsTest, testing::Values(Way::file, Way::socket),
                         [](const auto& way) { return way.param == Way::file ? "File" : "Socket"; });

TEST_P(TopicsTest, CreatesTheTopicsOfTheContractOnce) {
    const auto made = run({"topics", "create"});
    EXPECT_EQ(made.code, ExitCode::success) << made.err;
    EXPECT_EQ(made.out,
              "create-product was made\nupdate-product was made\ndelete-product was made\ndead-letter-queue was made\n"
              "dead-letter-state was made\n");
    EXPECT_THAT(run({"topics", "create"}).out, HasSubstr("delete-product was there\n"));
    EXPECT_EQ(run({"topics", "create", "prices", "--partitions", "1"}).out, "prices was made\n");
    EXPECT_EQ(run({"topics", "create", "sizes", "--partitions", "1"}).out, "sizes was made\n");
    EXPECT_EQ(run({"topics", "create", "twice", "other", "twice"}).out, "twice was made\nother was made\n");
    EXPECT_EQ(run({"topics", "create", "sizes", "--partitions", "2"}).out, "sizes has 2 partitions now\n");
    EXPECT_THAT(run({"topics", "list"}).out, HasSubstr("prices: 1 partitions, 0 messages\n"));
    EXPECT_THAT(run({"topics", "list"}).out, HasSubstr("create-product: 3 partitions, 0 messages\n"));
}

TEST_P(TopicsTest, ReadsBackWhatItPublished) {
    run({"topics", "create", "t", "--partitions", "1"});
    const auto published = run({"topics", "publish", "t", R"({"a":"é"})", "-k", "k1", "-H", "one=1", "-H", "two="});
    EXPECT_EQ(published.out, "Published t/0/0.\n") << published.err;
    run({"topics", "publish", "t", "--null", "-k", "k2"});
    run({"topics", "publish", "t", ""});
    EXPECT_THAT(
        read({"t"}),
        ElementsAre(
            R"({"topic":"t","partition":0,"offset":0,"key":"k1","value":"{\"a\":\"é\"}","headers":[{"name":"one","value":"1"},{"name":"two","value":""}]})",
            R"({"topic":"t","partition":0,"offset":1,"key":"k2","value":null,"headers":[]})",
            R"({"topic":"t","partition":0,"offset":2,"key":null,"value":"","headers":[]})"));
    EXPECT_THAT(run({"topics", "read", "t", "--count", "1"}).out,
                MatchesRegex("t/0/0 20[0-9-]+T[0-9:.]+Z k1 \\{\"a\":\"é\"\\}\n"));
}

TEST_P(TopicsTest, PublishesEachLineOfStandardInputOrAFile) {
    run({"topics", "create", "t", "--partitions", "1"});
    const std::string noise("\xff\x00:\xfe\r", 5);
    const auto published = run({"topics", "publish", "t", "-K", ":"}, "a:1\n\nplain\n" + noise + "\nlast");
    EXPECT_EQ(published.out, "Published 5 messages to t.\n") << published.err;
    EXPECT_THAT(read({"t"}),
                ElementsAre(HasSubstr(R"("key":"a","value":"1")"), HasSubstr(R"("key":null,"value":"")"),
                            HasSubstr(R"("key":null,"value":"plain")"),
                            HasSubstr(R"("keyBase64":"/wA=","valueBase64":"/g0=")"), HasSubstr(R"("value":"last")")));
    std::ofstream(folder_ / "lines") << "x\ny\n";
    EXPECT_EQ(run({"topics", "publish", "t", "--file", (folder_ / "lines").string(), "-k", "all"}).out,
              "Published 2 messages to t.\n");
    EXPECT_EQ(read({"t", "--from", "-2"}).size(), 2u);
    EXPECT_THAT(run({"topics", "publish", "t", "--file", "/nowhere"}).err, HasSubstr("/nowhere cannot be read"));
}

TEST_P(TopicsTest, ReadsFromWhereItIsTold) {
    run({"topics", "create", "t", "--partitions", "2"});
    for (const auto* partition : {"0", "1"}) {
        run({"topics", "publish", "t", "-p", partition}, "0\n1\n2\n3\n");
    }
    EXPECT_EQ(read({"t"}).size(), 8u);
    EXPECT_EQ(read({"t", "-p", "1"}).size(), 4u);
    EXPECT_EQ(read({"t", "--from", "3"}).size(), 2u);
    EXPECT_EQ(read({"t", "--from", "-1"}).size(), 2u);
    EXPECT_EQ(read({"t", "--from", "-100"}).size(), 8u);
    EXPECT_EQ(read({"t", "--from", "100"}).size(), 0u);
    EXPECT_EQ(read({"t", "--from", "end"}).size(), 0u);
    EXPECT_EQ(read({"t", "--count", "5"}).size(), 5u);
}

TEST_P(TopicsTest, MovesMoreThanOneCallHolds) {
    run({"topics", "create", "t", "--partitions", "1"});
    std::string lines;
    for (int i = 0; i < 2'500; ++i) lines += std::to_string(i) + std::string(1'500, 'x') + '\n';
    EXPECT_EQ(run({"topics", "publish", "t"}, lines).out, "Published 2500 messages to t.\n");
    const auto found = read({"t"});
    ASSERT_EQ(found.size(), 2'500u);
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_THAT(found[i].substr(0, 200), HasSubstr("\"value\":\"" + std::to_string(i) + "xxx"));
    }
}

TEST_P(TopicsTest, MovesAMessageOfTheLargestKindAndRefusesALargerOne) {
    run({"topics", "create", "t", "--partitions", "1"});
    const std::string large(3 << 20, 'x');
    EXPECT_EQ(run({"topics", "publish", "t"}, large + "\n").out, "Published t/0/0.\n");
    EXPECT_THAT(read({"t"}), ElementsAre(testing::SizeIs(testing::Gt(large.size()))));
    const auto refused = run({"topics", "publish", "t"}, "a\n" + std::string((4 << 20) + 1, 'x') + "\n");
    EXPECT_EQ(refused.code, ExitCode::failure);
    EXPECT_THAT(refused.err, HasSubstr("Line 2 is longer than 4194304 bytes; see Log.MessageBytesMax."));
}

TEST_P(TopicsTest, FollowsWhatIsPublishedMeanwhile) {
    run({"topics", "create", "t", "--partitions", "1"});
    if (GetParam() == Way::file) return;  // The reader holds the data then, so nobody else can publish.
    auto follower = std::async(std::launch::async, [this] { return read({"t", "--follow", "--count", "3"}); });
    run({"topics", "publish", "t"}, "a\nb\n");
    run({"topics", "publish", "t"}, "c\n");
    EXPECT_THAT(follower.get(), ElementsAre(HasSubstr("\"a\""), HasSubstr("\"b\""), HasSubstr("\"c\"")));
}

TEST_P(TopicsTest, DescribesPartitions) {
    run({"topics", "create", "t", "--partitions", "2"});
    run({"topics", "create", "u"});
    run({"topics", "publish", "t", "-p", "1"}, "a\nb\n");
    EXPECT_EQ(run({"topics", "describe", "t"}).out,
              "t\n  partition 0: offsets 0 to 0, 0 messages\n  partition 1: offsets 0 to 2, 2 messages\n");
    EXPECT_THAT(run({"topics", "describe"}).out, HasSubstr("u\n"));
}

TEST_P(TopicsTest, SaysWhatIsNotThere) {
    run({"topics", "create", "t", "--partitions", "2"});
    const auto expect = [this](std::vector<std::string> arguments, const std::string& sentence) {
        const auto printed = run(arguments);
        EXPECT_EQ(printed.code, ExitCode::failure);
        EXPECT_EQ(printed.out, "");
        EXPECT_THAT(printed.err, HasSubstr(sentence));
    };
    expect({"topics", "read", "nope"}, "There is no topic nope");
    expect({"topics", "describe", "nope"}, "There is no topic nope");
    expect({"topics", "publish", "nope", "x"}, "There is no topic nope");
    expect({"topics", "read", "t", "-p", "2"}, "Topic t has the partitions 0 to 1.");
    expect({"topics", "publish", "t", "x", "-p", "2"}, "has the partitions 0 to 1, not 2");
    expect({"topics", "create", "no/slash"}, "A topic's name has");
}

TEST_P(TopicsTest, CountsEachRefusedMessage) {
    const auto printed = run({"topics", "publish", "nope"}, "a\nb\n");
    EXPECT_EQ(printed.code, ExitCode::failure);
    EXPECT_THAT(printed.err, HasSubstr("2 of 2 messages were refused."));
}

using TopicsFileTest = CliTest;

TEST_F(TopicsFileTest, TheLogRefusesWhatIsLargerThanConfigured) {
    environment_ = {{"PRODUCTD_LOG_MESSAGE_BYTES_MAX", "1MiB"}, {"PRODUCTD_DATA_DIR", data()}};
    run({"topics", "create", "t"});
    const auto printed = run({"topics", "publish", "t", std::string((1 << 20) + 1, 'x')});
    EXPECT_EQ(printed.code, ExitCode::failure);
    EXPECT_THAT(printed.err, HasSubstr("Log.MessageBytesMax"));
}

TEST_F(TopicsFileTest, ReadingMakesNoFolder) {
    const auto printed = run({"topics", "list", "--data-dir", data()});
    EXPECT_EQ(printed.code, ExitCode::failure);
    EXPECT_THAT(printed.err, HasSubstr("There is no event log in"));
    EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(TopicsFileTest, SaysWhoHasTheData) {
    run({"topics", "create", "--data-dir", data()});
    const auto held = DataDirectory::open(data());
    ASSERT_TRUE(held);
    const auto printed = run({"topics", "list", "--data-dir", data()});
    EXPECT_EQ(printed.code, ExitCode::failure);
    EXPECT_THAT(printed.err, HasSubstr("is in use by process"));
}

TEST_F(TopicsFileTest, PassesOverTheSocketOfAServiceThatWasKilled) {
    run({"topics", "create", "--data-dir", data()});
    {
        asio::io_context context;
        asio::local::stream_protocol::acceptor dead(context, data() + "/admin.sock");
    }
    ASSERT_TRUE(std::filesystem::exists(data() + "/admin.sock"));
    EXPECT_EQ(run({"topics", "list", "--data-dir", data()}).code, ExitCode::success);
}

}  // namespace
}  // namespace productd
