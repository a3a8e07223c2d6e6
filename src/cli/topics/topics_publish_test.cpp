// What becomes of a message from the command line, and of each line of a file.
#include <fstream>

#include "cli/topics/topics_fixture.hpp"

namespace productd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

using TopicsPublishTest = TopicsTest;

INSTANTIATE_TEST_SUITE_P(EachWay, TopicsPublishTest, testing::Values(Way::file, Way::socket), way_of);

TEST_P(TopicsPublishTest, ReadsBackWhatItPublished) {
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

TEST_P(TopicsPublishTest, PublishesEachLineOfStandardInputOrAFile) {
    run({"topics", "create", "t", "--partitions", "1"});
    const std::string noise("\xff\x00:\xfe\r", 5);
    const auto published = run({"topics", "publish", "t", "-K", ":"}, "a:1\nb:\n:c\n" + noise + "\nlast:2");
    EXPECT_EQ(published.out, "Published 5 messages to t.\n") << published.err;
    EXPECT_THAT(read({"t"}),
                ElementsAre(HasSubstr(R"("key":"a","value":"1")"), HasSubstr(R"("key":"b","value":"")"),
                            HasSubstr(R"("key":"","value":"c")"),
                            HasSubstr(R"("keyBase64":"/wA=","valueBase64":"/g0=")"), HasSubstr(R"("value":"2")")));
    std::ofstream(folder_ / "lines") << "x\ny\n";
    EXPECT_EQ(run({"topics", "publish", "t", "--file", (folder_ / "lines").string(), "-k", "all"}).out,
              "Published 2 messages to t.\n");
    EXPECT_EQ(read({"t", "--from", "-2"}).size(), 2u);
    EXPECT_EQ(run({"topics", "publish", "t"}, "").out, "Published 0 messages to t.\n");
    EXPECT_THAT(run({"topics", "publish", "t", "--file", "/nowhere"}).err, HasSubstr("/nowhere cannot be read"));
}

TEST_P(TopicsPublishTest, ALineThatIsNoMessageEndsItByItsNumberAndThoseBeforeItStand) {
    run({"topics", "create", "t", "--partitions", "1"});
    const auto without_key = run({"topics", "publish", "t", "-K", ":"}, "a:1\nplain\nb:2\n");
    EXPECT_EQ(without_key.code, ExitCode::failure);
    EXPECT_EQ(without_key.out, "Published t/0/0.\n");
    EXPECT_EQ(without_key.err, "Line 2 has no \":\" between a key and a value; lines before it were published.\n");

    const auto empty = run({"topics", "publish", "t"}, "one\ntwo\n\nthree\n");
    EXPECT_EQ(empty.code, ExitCode::failure);
    EXPECT_EQ(empty.out, "Published 2 messages to t.\n");
    EXPECT_EQ(empty.err,
              "Line 3 is empty; a message without text is published with a VALUE of \"\"; lines before it were "
              "published.\n");
    EXPECT_EQ(run({"topics", "publish", "t", "-K", ":"}, "\nk:v\n").err,
              "Line 1 is empty; a message without text is published with a VALUE of \"\".\n");
    EXPECT_THAT(read({"t"}), ElementsAre(HasSubstr(R"("value":"1")"), HasSubstr("one"), HasSubstr("two")));
}

TEST_P(TopicsPublishTest, NothingIsPublishedToTheTopicsOfDeadLetters) {
    run({"topics", "create"});
    for (const std::string topic : {"dead-letter-queue", "dead-letter-state"}) {
        const auto refused = run({"topics", "publish", topic, "{}"});
        EXPECT_EQ(refused.code, ExitCode::failure);
        EXPECT_EQ(refused.err, topic +
                                   " is the service's own: publish to the topic the message is for, or mend and "
                                   "replay a dead letter with `productd dlq edit` and `productd dlq replay`.\n");
        EXPECT_THAT(read({topic}), ElementsAre());
    }
}

TEST_P(TopicsPublishTest, AFolderIsNoFileAndAFileThatFailsIsNoEndOfText) {
    run({"topics", "create", "t", "--partitions", "1"});
    const auto folder = run({"topics", "publish", "t", "--file", folder_.path().string()});
    EXPECT_EQ(folder.code, ExitCode::failure);
    EXPECT_EQ(folder.err, folder_.path().string() + " is a folder; --file takes a file of lines.\n");
    // The first page of a process's memory is not there: opened it is, and reading it fails.
    const auto failing = run({"topics", "publish", "t", "--file", "/proc/self/mem"});
    EXPECT_EQ(failing.code, ExitCode::failure);
    EXPECT_EQ(failing.err, "/proc/self/mem cannot be read to its end: check its disk.\n");
    EXPECT_THAT(read({"t"}), ElementsAre());
}

TEST_P(TopicsPublishTest, MovesMoreThanOneCallHolds) {
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

TEST_P(TopicsPublishTest, MovesAMessageOfTheLargestKindAndRefusesALargerOne) {
    run({"topics", "create", "t", "--partitions", "1"});
    const std::string large(3 << 20, 'x');
    EXPECT_EQ(run({"topics", "publish", "t"}, large + "\n").out, "Published t/0/0.\n");
    EXPECT_THAT(read({"t"}), ElementsAre(testing::SizeIs(testing::Gt(large.size()))));
    const auto refused = run({"topics", "publish", "t"}, "a\n" + std::string((4 << 20) + 1, 'x') + "\n");
    EXPECT_EQ(refused.code, ExitCode::failure);
    EXPECT_THAT(
        refused.err,
        HasSubstr("Line 2 is longer than 4194304 bytes; see Log.MessageBytesMax; lines before it were published."));
}

TEST_P(TopicsPublishTest, CountsEachRefusedMessage) {
    const auto printed = run({"topics", "publish", "nope"}, "a\nb\n");
    EXPECT_EQ(printed.code, ExitCode::failure);
    EXPECT_THAT(printed.err, HasSubstr("2 of 2 messages were refused."));
}

}  // namespace
}  // namespace productd
