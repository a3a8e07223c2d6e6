// The deadline of a call, as the server and the connections are told of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <regex>

#include "fakes/await.hpp"
#include "fakes/fake_mongo_server.hpp"
#include "outbound/mongo/mongo_fixture.hpp"

namespace productd {
namespace {

using namespace std::chrono_literals;
using test::change;
using test::FakeMongoServer;
using test::store_of;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::Lt;
using testing::Not;
using testing::SizeIs;

using Answered = std::optional<std::string>;

Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

/// The number under a name in a command; -1 for none.
std::int64_t number(const std::string& body, const std::string& name) {
    std::smatch found;
    const std::regex pattern('"' + name + R"(" : (?:\{ "\$numberLong" : ")?(\d+))");
    return std::regex_search(body, found, pattern) ? std::stoll(found[1]) : -1;
}

std::vector<std::int64_t> numbers(const FakeMongoServer& server, const std::string& name) {
    std::vector<std::int64_t> found;
    for (const auto& command : server.whole_commands()) found.push_back(number(command.body, name));
    return found;
}

/// Answers as if everything went well: one product for each search, so that they are counted.
Answered well(const FakeMongoServer::Command& command) {
    if (command.name == "insert" || command.name == "update")
        return R"({"ok":1,"n":)" + std::to_string(command.items) + '}';
    const auto* batch = command.name == "aggregate"
                            ? R"({"_id":1,"n":1})"
                            : R"({"_id":{"$oid":"000000000000000000000001"},"name":"n","description":"d","price":1})";
    return std::string(R"({"ok":1,"cursor":{"id":{"$numberLong":"0"},"ns":"products.products","firstBatch":[)") +
           batch + "]}}";
}

TEST(MongoTime, EveryCallTellsTheServerALimitBelowItsDeadline) {
    const FakeMongoServer server(well);
    const auto store = store_of(server.uri());
    EXPECT_TRUE(await(store->find({ProductId({1})}, in(10s))));
    EXPECT_TRUE(await(store->search({.text = "n", .size = 1}, in(1s))));
    EXPECT_TRUE(await(store->write({change(1, {}), change(2, Version{1})}, in(10s))));
    EXPECT_THAT(server.commands(), ElementsAre("find", "find", "aggregate", "insert", "update"));
    EXPECT_THAT(numbers(server, "maxTimeMS"),
                ElementsAre(AllOf(Gt(5'000), Lt(10'000)), AllOf(Gt(0), Lt(1'000)), AllOf(Gt(0), Lt(1'000)),
                            AllOf(Gt(5'000), Lt(10'000)), AllOf(Gt(5'000), Lt(10'000))));
}

TEST(MongoTime, ASearchHasItsOwnLimitWhereThatIsShorter) {
    const FakeMongoServer server(well);
    EXPECT_TRUE(await(store_of(server.uri())->search({.text = "n"}, in(1h))));
    EXPECT_THAT(numbers(server, "maxTimeMS"), ElementsAre(AllOf(Gt(0), Lt(2'000)))) << "Search.TimeMax";
}

TEST(MongoTime, AWriteWaitsForItsMembersNoLongerThanForItsOwnWork) {
    const FakeMongoServer server(well);
    EXPECT_TRUE(await(store_of(server.uri())->write({change(1, {}), change(2, Version{1})}, in(2s))));
    EXPECT_THAT(numbers(server, "wtimeout"), Each(AllOf(Gt(0), Lt(2'000))));
    EXPECT_EQ(numbers(server, "wtimeout"), numbers(server, "maxTimeMS"));
}

TEST(MongoTime, WhoHasGoneIsAskedNothing) {
    const FakeMongoServer server(well);
    const auto store = store_of(server.uri());
    EXPECT_EQ(await(store->find({ProductId({1})}, in(0s))).error().code, Errc::deadline_exceeded);
    EXPECT_EQ(await(store->search({.text = "n"}, in(0s))).error().code, Errc::deadline_exceeded);
    EXPECT_EQ(await(store->write({change(1, {})}, in(0s))).error().code, Errc::deadline_exceeded);
    EXPECT_THAT(server.commands(), SizeIs(0));
}

TEST(MongoTime, ACommandThatTheServerEndedInTimeSaysNothingOfItsItems) {
    for (const char* answer : {R"({"ok":0,"code":50,"errmsg":"operation exceeded time limit"})",
                               R"({"ok":1,"n":2,"writeConcernError":{"code":50,"errmsg":"time limit"}})",
                               R"({"ok":1,"n":2,"writeConcernError":{"code":64,"errmsg":"waiting timed out"}})"}) {
        const FakeMongoServer server([&](const FakeMongoServer::Command&) { return Answered(answer); }, true);
        const auto told = await(store_of(server.uri())->write({change(1, Version{1}), change(2, Version{1})}, in(10s)));
        EXPECT_FALSE(told) << answer;
        EXPECT_THAT(server.commands(), ElementsAre("update")) << "and is not asked for again: " << answer;
    }
}

/// Calls of a store with one thread, of a server that has stopped to answer anything.
class MongoSilence : public testing::Test {
protected:
    template <class Call>
    void expect_soon(Call call) {
        std::promise<void> released;
        const FakeMongoServer server(
            [&, until = released.get_future().share()](const FakeMongoServer::Command&) -> Answered {
                until.wait();
                return std::nullopt;
            },
            true);
        const auto store = store_of(server.uri());  // Whose connections are patient for an hour, which no test has.
        EXPECT_FALSE(call(*store));
        EXPECT_FALSE(call(*store)) << "there is but one thread";
        EXPECT_THAT(server.commands(), SizeIs(2)) << "nothing is asked for again behind a deadline";
        released.set_value();
    }
};

TEST_F(MongoSilence, KeepsNoThreadOfAReadBeyondItsDeadline) {
    expect_soon([](ProductStore& store) { return await(store.find({ProductId({1})}, in(50ms))).has_value(); });
}

TEST_F(MongoSilence, KeepsNoThreadOfASearchBeyondItsDeadline) {
    expect_soon([](ProductStore& store) { return await(store.search({.text = "n"}, in(50ms))).has_value(); });
}

TEST_F(MongoSilence, KeepsNoThreadOfAWriteBeyondItsDeadline) {
    expect_soon([](ProductStore& store) { return await(store.write({change(1, {})}, in(50ms))).has_value(); });
    expect_soon([](ProductStore& store) { return await(store.write({change(1, Version{1})}, in(50ms))).has_value(); });
}

TEST(MongoTime, AWriteIsAskedForOnceMoreUnderTheSameNumberAndTheNextHasAHigherOne) {
    int calls = 0;
    const FakeMongoServer server(
        [&](const FakeMongoServer::Command& command) { return ++calls == 1 ? std::nullopt : well(command); }, true);
    const auto store = store_of(server.uri());
    EXPECT_TRUE(await(store->write({change(1, Version{1})}, in(10s)))) << "the first connection was cut";
    EXPECT_TRUE(await(store->write({change(1, Version{2})}, in(10s))));
    const auto sent = numbers(server, "txnNumber");
    ASSERT_THAT(sent, SizeIs(3));
    EXPECT_EQ(sent[0], sent[1]);
    EXPECT_GT(sent[2], sent[1]);
    for (const auto& command : server.whole_commands()) EXPECT_THAT(command.body, HasSubstr("lsid"));
}

TEST(MongoTime, AUriThatForbidsToRepeatIsObeyed) {
    const FakeMongoServer server([&](const FakeMongoServer::Command&) { return std::nullopt; }, true);
    EXPECT_FALSE(await(store_of(server.uri() + "&retryWrites=false")->write({change(1, Version{1})}, in(10s))));
    ASSERT_THAT(server.commands(), ElementsAre("update"));
    EXPECT_THAT(server.whole_commands()[0].body, Not(HasSubstr("txnNumber")));
}

TEST(MongoTime, AReadIsAskedForOnceMoreWhereAConnectionBroke) {
    int calls = 0;
    const FakeMongoServer server(
        [&](const FakeMongoServer::Command& command) { return ++calls == 1 ? std::nullopt : well(command); }, true);
    EXPECT_TRUE(await(store_of(server.uri())->find({ProductId({1})}, in(10s))));
    EXPECT_THAT(server.commands(), ElementsAre("find", "find"));
}

}  // namespace
}  // namespace productd
