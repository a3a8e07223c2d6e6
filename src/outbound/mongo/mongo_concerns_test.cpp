// What reads and writes ask of the members of a replica set.
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
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

std::optional<std::string> nothing_found(const std::string& command) {
    if (command == "update") return R"({"ok":1,"n":1})";
    return R"({"ok":1,"cursor":{"id":{"$numberLong":"0"},"ns":"products.products","firstBatch":[]}})";
}

/// The update that a store of a URI with these options sends.
std::string update_sent(const std::string& options) {
    const FakeMongoServer server(nothing_found);
    EXPECT_TRUE(await(store_of(server.uri() + options)->write({change(1, Version{1})}, Deadline::max())));
    return server.whole_commands().at(0).body;
}

TEST(MongoConcerns, AWriteWaitsForMostMembersAndTheirJournalsButNotForEver) {
    EXPECT_THAT(update_sent(""), HasSubstr(R"("writeConcern" : { "w" : "majority", "j" : true, "wtimeout" : 10000 })"));
    EXPECT_THAT(update_sent("/?socketTimeoutMS=3000"), HasSubstr(R"("wtimeout" : 1500 )"))
        << "the server's answer comes before the driver gives up";
}

TEST(MongoConcerns, AUriThatSaysHowLongToWaitStillWaitsForMostMembers) {
    EXPECT_THAT(update_sent("/?wtimeoutMS=700"),
                HasSubstr(R"("writeConcern" : { "w" : "majority", "j" : true, "wtimeout" : 700 })"));
    EXPECT_THAT(update_sent("/?journal=false"),
                HasSubstr(R"("writeConcern" : { "w" : "majority", "j" : false, "wtimeout" : 10000 })"));
    EXPECT_THAT(update_sent("/?wtimeoutMS=0"), Not(HasSubstr("wtimeout"))) << "for ever, by its owner's wish";
}

TEST(MongoConcerns, AUriThatSaysForHowManyMembersIsObeyed) {
    EXPECT_THAT(update_sent("/?w=2"), HasSubstr(R"("w" : 2)"));
    EXPECT_THAT(update_sent("/?w=dataCenters"), HasSubstr(R"("w" : "dataCenters")"));
}

TEST(MongoConcerns, RefusesAUriWhoseWritesAreNotAnswered) {
    MongoStoreSettings settings;
    settings.connection.uri = "mongodb://127.0.0.1:1/?w=0";
    const auto store = MongoProductStore::open(settings);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Errc::invalid_argument);
    EXPECT_THAT(store.error().detail, HasSubstr("w=0"));
}

TEST(MongoConcerns, ReadsOnlyWhatNoElectionTakesBackAndFromThePrimary) {
    const FakeMongoServer server(nothing_found, true);
    const auto store = store_of(server.uri() + "&readPreference=secondaryPreferred&readConcernLevel=local");
    EXPECT_TRUE(await(store->find({ProductId({1})}, Deadline::max())));
    EXPECT_TRUE(await(store->search({.text = "lamp"}, Deadline::max())));
    std::vector<std::string> bodies;
    for (const auto& command : server.whole_commands()) bodies.push_back(command.body);
    EXPECT_THAT(bodies, SizeIs(2));
    EXPECT_THAT(bodies, Each(HasSubstr(R"("readConcern" : { "level" : "majority" })")));
    EXPECT_THAT(bodies, Each(Not(HasSubstr("secondary"))));
}

}  // namespace
}  // namespace productd
