// Which indexes a collection gets, what stays, and what is told of those that nobody reads.
#include "outbound/mongo/mongo_indexes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outbound/mongo/mongo_examination.hpp"
#include "stack/mongo_server.hpp"

namespace productd {

namespace {

using testing::ElementsAre;
using testing::Field;
using testing::Gt;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* pages = "createdAt_-1__id_1";
constexpr const char* tombstones = "expireAt_1";
constexpr const char* pair = "name_1_description_1";
constexpr const char* text = "name_text_description_text";

class MongoIndexesTest : public testing::Test {
protected:
    void make(bool of_first_generation) {
        const MongoClients::Client client(*clients_);
        ASSERT_TRUE(mongo_make_indexes(*client.collection(), of_first_generation));
    }

    std::vector<std::string> there() {
        const MongoClients::Client client(*clients_);
        std::vector<std::string> names;
        for (const auto& [name, bytes] : mongo_indexes_there(*client.collection()).value()) names.push_back(name);
        return names;
    }

    MongoConnection connection_ = test::mongo_connection();
    std::unique_ptr<MongoClients> clients_ = MongoClients::open(connection_).value();
};

}  // namespace

TEST_F(MongoIndexesTest, MakesThoseThatTheServiceReadsAndNoOthers) {
    make(false);
    EXPECT_THAT(there(), UnorderedElementsAre("_id_", pages, tombstones));
}

TEST_F(MongoIndexesTest, MakesThoseOfTheOlderServiceWhereItIsToldTo) {
    make(true);
    EXPECT_THAT(there(), UnorderedElementsAre("_id_", pages, tombstones, pair, text));
}

TEST_F(MongoIndexesTest, LeavesWhatIsThereAndTellsWhatItTakes) {
    make(true);
    make(false);
    EXPECT_THAT(there(), UnorderedElementsAre("_id_", pages, tombstones, pair, text));
    const auto found = examine_mongo(connection_).value();
    EXPECT_THAT(found.missing_indexes, IsEmpty());
    EXPECT_THAT(found.unread_indexes,
                UnorderedElementsAre(AllOf(Field(&MongoIndex::name, pair), Field(&MongoIndex::bytes, Gt(0))),
                                     AllOf(Field(&MongoIndex::name, text), Field(&MongoIndex::bytes, Gt(0)))));
}

TEST_F(MongoIndexesTest, TellsWhatIsMissingOfThoseThatAreWanted) {
    make(false);
    EXPECT_THAT(examine_mongo(connection_).value().missing_indexes, IsEmpty());
    connection_.first_generation_indexes = true;
    EXPECT_THAT(examine_mongo(connection_).value().missing_indexes, UnorderedElementsAre(pair, text));
    EXPECT_THAT(examine_mongo(connection_).value().unread_indexes, IsEmpty());
}

TEST_F(MongoIndexesTest, SeesTheReplicaSet) { EXPECT_EQ(examine_mongo(connection_).value().members, 3); }

TEST_F(MongoIndexesTest, SeesThatThereIsNothingYet) {
    EXPECT_THAT(examine_mongo(connection_).value().missing_indexes, ElementsAre(pages, tombstones));
}

}  // namespace productd
