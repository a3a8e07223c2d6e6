// What the store makes of MongoDB's failures, told by a server that gives the documented replies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>

#include "fakes/await.hpp"
#include "fakes/fake_mongo_server.hpp"
#include "outbound/mongo/mongo_fixture.hpp"

namespace productd {
namespace {

using test::change;
using test::FakeMongoServer;
using test::store_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Errc whole_write(const std::string& answer) {
    const FakeMongoServer server([&](const std::string&) { return std::optional(answer); });
    const auto outcomes = await(store_of(server.uri())->write({change(1, Version{1})}, Deadline::max()));
    if (outcomes) return outcomes->at(0) ? Errc::unknown : outcomes->at(0).error().code;
    EXPECT_FALSE(outcomes.error().detail.empty());
    return outcomes.error().code;
}

std::string failed_with(int code) { return R"({"ok":0,"errmsg":"as told","code":)" + std::to_string(code) + '}'; }

TEST(MongoFaults, FailsAsAWholeWhenTheServerCannotTakeWrites) {
    // Not primary, stepping down, shutting down, recovering, network: all may be better the next time.
    for (const int code : {10'107, 13'435, 13'436, 189, 91, 11'600, 11'602, 6, 7, 89, 9'001}) {
        EXPECT_EQ(whole_write(failed_with(code)), Errc::unavailable) << code;
    }
    EXPECT_EQ(whole_write(failed_with(13)), Errc::unavailable) << "a right may be given";
    EXPECT_EQ(whole_write(failed_with(50)), Errc::deadline_exceeded);
    EXPECT_EQ(whole_write(failed_with(8)), Errc::internal);
}

TEST(MongoFaults, AWriteThatTooFewMembersConfirmedIsNotTold) {
    EXPECT_EQ(
        whole_write(R"({"ok":1,"n":1,"nModified":1,"writeConcernError":{"code":64,"errmsg":"waiting timed out"}})"),
        Errc::unavailable);
    EXPECT_EQ(whole_write(R"({"ok":1,"n":1,"nModified":1,"writeConcernError":{"code":91,"errmsg":"shutdown"}})"),
              Errc::unavailable);
}

TEST(MongoFaults, TellsOfEachItemOfABulkWhatBecameOfIt) {
    const FakeMongoServer server([](const std::string& command) {
        if (command == "insert") {
            return std::optional<std::string>(
                R"({"ok":1,"n":1,"writeErrors":[{"index":1,"code":11000,"errmsg":"E11000 duplicate key"}]})");
        }
        return std::optional<std::string>(R"({"ok":1,"n":1,"nModified":1,"writeErrors":[
            {"index":0,"code":112,"errmsg":"WriteConflict"},{"index":2,"code":10334,"errmsg":"too large"},
            {"index":3,"code":11000,"errmsg":"E11000 duplicate key"},{"index":4,"code":121,"errmsg":"no"}]})");
    });
    const auto told = await(store_of(server.uri())
                                ->write({change(1, Version{1}), change(2, {}), change(3, Version{3}), change(4, {}),
                                         change(5, Version{1}), change(6, Version{1}), change(7, Version{1})},
                                        Deadline::max()));
    ASSERT_TRUE(told) << told.error().cause;
    std::multiset<std::string> codes;
    for (const auto& outcome : *told) codes.insert(outcome ? "stored" : name(outcome.error().code));
    EXPECT_THAT(codes,
                ElementsAre("aborted", "aborted", "aborted", "internal", "invalid_argument", "stored", "stored"));
    EXPECT_THAT(server.commands(), ElementsAre("insert", "update")) << "one command for each kind";
}

TEST(MongoFaults, TakesBackAnUpdateOfWhatIsNotThereAnyMore) {
    const FakeMongoServer server([](const std::string& command) {
        if (command == "delete") return std::optional<std::string>(R"({"ok":1,"n":1})");
        return std::optional<std::string>(
            R"({"ok":1,"n":2,"nModified":1,"upserted":[{"index":1,"_id":{"$oid":"6b03ef3e1b0abb1f10e4ee16"}}]})");
    });
    const auto told =
        await(store_of(server.uri())->write({change(1, Version{1}), change(2, Version{1})}, Deadline::max()));
    ASSERT_TRUE(told) << told.error().cause;
    EXPECT_TRUE(told->at(0));
    ASSERT_FALSE(told->at(1));
    EXPECT_EQ(told->at(1).error().code, Errc::aborted);
    EXPECT_THAT(server.commands(), ElementsAre("update", "delete"));
}

TEST(MongoFaults, ACutConnectionFailsTheCallAndNotTheNextOne) {
    int calls = 0;
    const FakeMongoServer server([&](const std::string&) -> std::optional<std::string> {
        if (++calls == 1) return std::nullopt;
        return R"({"ok":1,"n":1,"nModified":1})";
    });
    const auto store = store_of(server.uri());
    const auto cut = await(store->write({change(1, Version{1})}, Deadline::max()));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, Errc::unavailable);
    const auto after = await(store->write({change(1, Version{1})}, Deadline::max()));
    ASSERT_TRUE(after) << after.error().cause;
    EXPECT_TRUE(after->at(0));
}

TEST(MongoFaults, AMembersWriteIsTriedOnceMore) {
    int calls = 0;
    const FakeMongoServer server(
        [&](const std::string&) -> std::optional<std::string> {
            if (++calls == 1) {
                return R"({"ok":0,"code":10107,"errmsg":"not primary","errorLabels":["RetryableWriteError"]})";
            }
            return R"({"ok":1,"n":1,"nModified":1})";
        },
        true);
    const auto told = await(store_of(server.uri())->write({change(1, Version{1})}, Deadline::max()));
    ASSERT_TRUE(told) << told.error().cause;
    EXPECT_TRUE(told->at(0));
    EXPECT_THAT(server.commands(), ElementsAre("update", "update"));
}

TEST(MongoFaults, ReadsFailWithTheSameWords) {
    const FakeMongoServer server([](const std::string&) { return std::optional(failed_with(50)); });
    const auto found = await(store_of(server.uri())->search({.text = "lamp"}, Deadline::max()));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::deadline_exceeded);
    EXPECT_THAT(found.error().cause, HasSubstr("Search.TimeMax"));
}

TEST(MongoFaults, ADocumentThatSaysNothingFailsAlone) {
    const FakeMongoServer server([](const std::string&) {
        return std::optional<std::string>(
            R"({"ok":1,"cursor":{"id":{"$numberLong":"0"},"ns":"products.products","firstBatch":[
                {"_id":{"$oid":"000000000000000000000001"},"name":"n","description":"d","price":1},
                {"_id":{"$oid":"000000000000000000000002"},"name":"n","description":"d","price":"much"},
                {"_id":{"$oid":"000000000000000000000003"},"name":"n","description":"d","price":{},"format":2}]}})");
    });
    std::vector<ProductId> ids;
    for (std::uint8_t n = 4; n > 0; --n) ids.push_back(ProductId({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n}));
    const auto found = await(store_of(server.uri())->find(std::move(ids), Deadline::max())).value();
    EXPECT_TRUE(found[0] && std::holds_alternative<Nothing>(*found[0]));
    ASSERT_FALSE(found[1]);
    EXPECT_EQ(found[1].error().code, Errc::unavailable) << "a later release wrote it";
    ASSERT_FALSE(found[2]);
    EXPECT_EQ(found[2].error().code, Errc::data_loss);
    EXPECT_TRUE(found[3] && std::holds_alternative<StoredProduct>(*found[3]));
}

TEST(MongoFaults, AnAnswerWithWhatWasNotAskedForFailsAsAWhole) {
    const FakeMongoServer server([](const std::string&) {
        return std::optional<std::string>(
            R"({"ok":1,"cursor":{"id":{"$numberLong":"0"},"ns":"products.products","firstBatch":[{"_id":7}]}})");
    });
    const auto found = await(store_of(server.uri())->find({ProductId({1})}, Deadline::max()));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::internal);
}

TEST(MongoFaults, AsksForItsHealthBesideCallsThatHangAndTakeEveryThread) {
    std::promise<void> asked, released;
    const FakeMongoServer server([&, until = released.get_future().share()](const std::string& command) {
        if (command != "find") return std::optional<std::string>(R"({"ok":1})");
        asked.set_value();
        until.wait();
        return std::optional(failed_with(8));
    });
    const auto store = store_of(server.uri());
    auto read = std::async(std::launch::async, [&] { return await(store->find({ProductId({1})}, Deadline::max())); });
    asked.get_future().wait();
    EXPECT_TRUE(await(store->check())) << "the one thread for calls is taken";
    released.set_value();
    EXPECT_FALSE(read.get());
}

TEST(MongoFaults, ASearchThatIsNotAnsweredKeepsItsThreadNoLongerThanASearchMayTake) {
    std::promise<void> released;
    const FakeMongoServer server([&, until = released.get_future().share()](const std::string& command) {
        if (command == "find") until.wait();
        return std::optional(failed_with(8));
    });
    MongoStoreSettings settings;
    settings.connection.uri = server.uri();
    settings.connection.pool_size = 2;
    settings.connection.socket_timeout = std::chrono::hours(1);
    settings.search_time_max = std::chrono::milliseconds(50);
    const auto store = MongoProductStore::open(settings).value();
    const auto told = await(store->search({"lamp"}, Deadline::max()));
    ASSERT_FALSE(told) << "though other calls may take an hour, which this test has not";
    EXPECT_EQ(told.error().code, Errc::unavailable);
    released.set_value();
}

TEST(MongoFaults, AHealthThatIsNotToldSoonIsBadHoweverLongOtherCallsMayTake) {
    std::promise<void> released;
    std::atomic<bool> hangs = true;
    const FakeMongoServer server([&, until = released.get_future().share()](const std::string&) {
        if (hangs) until.wait();
        return std::optional<std::string>(R"({"ok":1})");
    });
    const auto store = store_of(server.uri());
    const auto told = await(store->check());
    ASSERT_FALSE(told) << "after the check's own time-out: the calls' is not over in this test's";
    EXPECT_EQ(told.error().code, Errc::unavailable);
    hangs = false;
    released.set_value();
    EXPECT_TRUE(await(store->check())) << "the next one does not wait for the driver to try the server again";
}

TEST(MongoFaults, SaysThatNobodyIsThere) {
    const auto told = await(store_of("mongodb://127.0.0.1:1", std::chrono::milliseconds{50})->check());
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, Errc::unavailable);
    EXPECT_EQ(told.error().detail, "The store cannot be reached.") << "no address and no key for a client";
    EXPECT_THAT(told.error().cause, HasSubstr("MongoDB.URI"));
}

TEST(MongoFaults, RefusesAUriThatCannotBeRead) {
    MongoStoreSettings settings;
    for (const char* uri : {"", "http://localhost", "mongodb://", "mongodb://a:b@c:d@e", "mongodb://localhost:99999"}) {
        settings.connection.uri = uri;
        const auto store = MongoProductStore::open(settings);
        ASSERT_FALSE(store) << uri;
        EXPECT_EQ(store.error().code, Errc::invalid_argument);
        EXPECT_THAT(store.error().detail, HasSubstr("MongoDB.URI"));
    }
}

}  // namespace
}  // namespace productd
