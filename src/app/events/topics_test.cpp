// What follows from a row of the topic table.
#include "app/events/topics.hpp"

#include <gmock/gmock.h>

namespace productd {
namespace {

using testing::ElementsAre;

TEST(Topics, AreReadByTheWorkerWhereTheyCarryChanges) {
    const TopicNames names;
    EXPECT_THAT(names.sources(), ElementsAre("create-product", "update-product", "delete-product"));
    EXPECT_THAT(names.all(), ElementsAre("create-product", "update-product", "delete-product", "dead-letter-queue",
                                         "dead-letter-state"));
}

TEST(Topics, AreKnownByTheNameInUse) {
    TopicNames names;
    names.update = "changes";
    names.dead_letters = "letters";
    EXPECT_EQ(names.kind_of("changes"), ChangeKind::update);
    EXPECT_EQ(names.of(ChangeKind::update), "changes");
    EXPECT_FALSE(names.kind_of("update-product"));
    EXPECT_FALSE(names.kind_of("letters"));
    EXPECT_FALSE(names.grows("letters"));
    EXPECT_TRUE(names.grows("dead-letter-queue")) << "It is nobody's topic now.";
}

TEST(Topics, GrowExceptThoseInWhichTheOffsetTellsWhatIsNewer) {
    const TopicNames names;
    for (const auto& source : names.sources()) EXPECT_TRUE(names.grows(source)) << source;
    EXPECT_FALSE(names.grows(names.dead_letters));
    EXPECT_FALSE(names.grows(names.dead_letter_states));
}

}  // namespace
}  // namespace productd
