// What counts as written when a bulk ends half way, and how large a bulk is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/await.hpp"
#include "fakes/fake_mongo_server.hpp"
#include "outbound/mongo/mongo_fixture.hpp"

namespace productd {
namespace {

using test::change;
using test::FakeMongoServer;
using test::store_of;
using testing::Each;
using testing::ElementsAre;
using testing::Le;

using Answered = std::optional<std::string>;
constexpr const char* first_lost = R"({"ok":1,"n":0,"writeErrors":[{"index":0,"code":11000,"errmsg":"E11000"}]})";

/// What a write fails with whose insertion lost a race and whose update is answered so.
Errc behind_a_lost_race(const Answered& answer) {
    const FakeMongoServer server(
        [&](const FakeMongoServer::Command& command) { return command.name == "insert" ? first_lost : answer; });
    const auto told = await(store_of(server.uri())->write({change(1, {}), change(2, Version{1})}, Deadline::max()));
    EXPECT_THAT(server.commands(), ElementsAre("insert", "update"));
    return told ? Errc::unknown : told.error().code;
}

TEST(MongoBulk, AConnectionLostBehindALostRaceLeavesNoUpdateTaken) {
    EXPECT_EQ(behind_a_lost_race(std::nullopt), Errc::unavailable);
}

TEST(MongoBulk, ARefusalBehindALostRaceLeavesNoUpdateTaken) {
    EXPECT_EQ(behind_a_lost_race(R"({"ok":0,"code":10107,"errmsg":"not primary"})"), Errc::unavailable);
    EXPECT_EQ(behind_a_lost_race(R"({"ok":0,"code":50,"errmsg":"too slow"})"), Errc::deadline_exceeded);
}

TEST(MongoBulk, UpdatesInTwoCommandsAreWrittenOnlyIfBothAreAnswered) {
    const FakeMongoServer server([&](const FakeMongoServer::Command& command) {
        return command.items == 1'000
                   ? Answered(R"({"ok":1,"n":999,"writeErrors":[{"index":0,"code":11000,"errmsg":"E11000"}]})")
                   : std::nullopt;
    });
    std::vector<ProductWrite> writes;
    for (int i = 0; i < 1'001; ++i) {
        writes.push_back(change(1, Version{1}));
        std::get<StoredProduct>(writes.back().next).product.id =
            ProductId({1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)});
    }
    const auto told = await(store_of(server.uri())->write(std::move(writes), Deadline::max()));
    EXPECT_THAT(server.commands(), ElementsAre("update", "update"));
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, Errc::unavailable) << "not the race that one of them lost";
}

TEST(MongoBulk, AnAnswerThatDoesNotCountAnItemTellsNothing) {
    for (const char* answer : {R"({"ok":1})", R"({"ok":1,"n":1})",
                               R"({"ok":1,"n":1,"writeErrors":[{"index":7,"code":11000,"errmsg":"whose?"}]})"}) {
        const FakeMongoServer server([&](const std::string&) { return Answered(answer); });
        const auto told =
            await(store_of(server.uri())->write({change(1, Version{1}), change(2, Version{1})}, Deadline::max()));
        ASSERT_FALSE(told) << answer;
        EXPECT_EQ(told.error().code, Errc::unavailable) << answer;
    }
}

TEST(MongoBulk, TakesBackWhatItPutByMistakeEvenIfTheRestFailed) {
    const FakeMongoServer server([&](const FakeMongoServer::Command& command) {
        if (command.name == "delete") return Answered(R"({"ok":1,"n":1})");
        return Answered(R"({"ok":1,"n":1,"upserted":[{"index":0,"_id":1}],
                           "writeConcernError":{"code":64,"errmsg":"waiting timed out"}})");
    });
    const auto told = await(store_of(server.uri())->write({change(1, Version{1})}, Deadline::max()));
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, Errc::unavailable);
    EXPECT_THAT(server.commands(), ElementsAre("update", "delete"));
}

TEST(MongoBulk, LargeProductsAreSentInBulksThatAreOneMessageEach) {
    const FakeMongoServer server([&](const FakeMongoServer::Command& command) {
        return Answered(R"({"ok":1,"n":)" + std::to_string(command.items) + '}');
    });
    std::vector<ProductWrite> writes;
    const std::string large(std::size_t{512} * 1'024, 'a');  // A document has it twice, once folded.
    for (std::uint8_t i = 0; i < 40; ++i) {
        writes.push_back(change(i, i % 2 == 0 ? std::optional(Version{1}) : std::nullopt, large));
    }
    const auto told = await(store_of(server.uri())->write(std::move(writes), Deadline::max()));
    ASSERT_TRUE(told) << told.error().cause;
    EXPECT_THAT(*told, Each(testing::Truly([](const WriteOutcome& outcome) { return outcome.has_value(); })));
    std::vector<std::size_t> sizes;
    for (const auto& command : server.whole_commands()) sizes.push_back(command.bytes);
    EXPECT_THAT(sizes, Each(Le(16 * 1'024 * 1'024)));
    EXPECT_THAT(server.commands(), ElementsAre("insert", "insert", "update", "update"));
}

}  // namespace
}  // namespace productd
