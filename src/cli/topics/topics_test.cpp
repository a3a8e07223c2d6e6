// The commands that look into the event log, each way to reach it: the file, and the socket of a running service.
#include <boost/asio/local/stream_protocol.hpp>
#include <future>

#include "cli/topics/topics_fixture.hpp"
#include "fakes/other_user.hpp"

namespace productd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(EachWay, TopicsTest, testing::Values(Way::file, Way::socket), way_of);

TEST_P(TopicsTest, CreatesTheTopicsOfTheContractOnce) {
    const auto made = run({"topics", "create"});
    EXPECT_EQ(made.code, ExitCode::success) << made.err;
    EXPECT_EQ(made.out,
              "create-product was created\nupdate-product was created\ndelete-product was created\n"
              "dead-letter-queue was created\ndead-letter-state was created\n");
    EXPECT_THAT(run({"topics", "create"}).out, HasSubstr("delete-product already exists\n"));
    EXPECT_EQ(run({"topics", "create", "prices", "--partitions", "1"}).out, "prices was created\n");
    EXPECT_EQ(run({"topics", "create", "sizes", "--partitions", "1"}).out, "sizes was created\n");
    EXPECT_EQ(run({"topics", "create", "twice", "other", "twice"}).out, "twice was created\nother was created\n");
    EXPECT_EQ(run({"topics", "create", "sizes", "--partitions", "2"}).out, "sizes has 2 partitions now\n");
    EXPECT_EQ(run({"topics", "create", "sizes", "--partitions", "1"}).out,
              "sizes already exists, but its number of partitions is 2 and not 1\n");
    EXPECT_THAT(run({"topics", "list"}).out, HasSubstr("prices: 1 partition, 0 messages\n"));
    EXPECT_THAT(run({"topics", "list"}).out, HasSubstr("create-product: 3 partitions, 0 messages\n"));
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
    EXPECT_EQ(read({"t", "--from", "4"}).size(), 0u);
    EXPECT_EQ(read({"t", "--from", "end"}).size(), 0u);
    EXPECT_EQ(read({"t", "--count", "5"}).size(), 5u);
}

TEST_P(TopicsTest, SaysWhichPartitionsEndBeforeTheOffsetAskedFor) {
    run({"topics", "create", "t", "--partitions", "2"});
    run({"topics", "publish", "t", "-p", "0"}, "0\n1\n2\n3\n");
    const auto beyond = run({"topics", "read", "t", "--from", "100"});
    EXPECT_EQ(beyond.code, ExitCode::success);
    EXPECT_EQ(beyond.out, "");
    EXPECT_EQ(beyond.err, "Partition 0 of t ends at offset 4, partition 1 at 0: there is nothing from 100 on.\n");
    EXPECT_EQ(run({"topics", "read", "t", "--from", "3"}).err, "");
    EXPECT_EQ(run({"topics", "read", "t", "--from", "4"}).err, "");
    EXPECT_EQ(run({"topics", "read", "t", "-p", "1", "--from", "1"}).err,
              "Partition 1 of t ends at offset 0: there is nothing from 1 on.\n");
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
    run({"topics", "publish", "u", "a", "-p", "0"});
    EXPECT_THAT(run({"topics", "describe", "u"}).out, HasSubstr("partition 0: offsets 0 to 1, 1 message\n"));
    EXPECT_THAT(run({"topics", "list"}).out, HasSubstr("u: 3 partitions, 1 message\n"));
    EXPECT_THAT(run({"topics", "publish", "u", "a", "-p", "9"}).err, HasSubstr("1 of 1 message was refused."));
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

TEST_F(TopicsFileTest, AFolderThatMayNotBeReadIsNotToldAsMissing) {
    run({"topics", "create", "--data-dir", data()});
    using std::filesystem::perms;
    std::filesystem::permissions(data(), perms::none);  // From whom it belongs to as well, where that is who runs this.
    EXPECT_TRUE(holds_for_an_ordinary_user([this] {
        return run({"rebuild", "--data-dir", data()}).err.find("cannot be read (Permission denied)") !=
               std::string::npos;
    }));
    for (const auto* bus : {"sqlite", "kafka"}) {
        environment_ = {{"PRODUCTD_BUS", bus}, {"PRODUCTD_KAFKA_BROKERS", "127.0.0.1:1"}};
        EXPECT_TRUE(holds_for_an_ordinary_user([this] {
            const auto refused = run({"topics", "list", "--data-dir", data()});
            return refused.code == ExitCode::failure &&
                   refused.err.find("cannot be read (Permission denied)") != std::string::npos;
        })) << bus;
    }
    std::filesystem::permissions(data(), perms::owner_all);
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
