// The tracker where a topic was made anew, or truncated: what was noted is of another life.
#include <gtest/gtest.h>

#include "app/worker/offsets/offset_tracker.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

TEST(OffsetTracker, ForgetsRememberedWorkWhenATopicWasMadeAnew) {
    const Commit commit{3, encode_metadata(3, {at(50), {{5, 7}}})};
    OffsetTracker later(commit);
    later.begin(position(3, 10));
    EXPECT_EQ(later.begin(position(5, 51)), OffsetTracker::Admission::process);
    EXPECT_EQ(later.begin(position(6, 50)), OffsetTracker::Admission::process);

    OffsetTracker backwards(commit);
    EXPECT_EQ(backwards.begin(position(0, 10)), OffsetTracker::Admission::process);
    EXPECT_EQ(backwards.commit_offset(), 0);
    EXPECT_EQ(backwards.begin(position(5, 10)), OffsetTracker::Admission::process);
}

// Also at one that was not finished: what is committed next would else tell the older work with the newer time.
TEST(OffsetTracker, TheFirstMessageThatIsTooNewShowsThatATopicWasMadeAnew) {
    OffsetTracker tracker(Commit{3, encode_metadata(3, {at(50), {{5, 7}}})});
    tracker.begin(position(3, 51));
    tracker.note_time(at(51));
    const auto commit = tracker.commit();
    EXPECT_TRUE(decode_metadata(commit.offset, commit.metadata).value().ranges.empty());
    EXPECT_EQ(tracker.begin(position(5, 50)), OffsetTracker::Admission::process);

    OffsetTracker same(Commit{3, encode_metadata(3, {at(50), {{5, 7}}})});
    same.begin(position(3, 50));
    EXPECT_EQ(same.begin(position(5, 10)), OffsetTracker::Admission::finished_before);
    same.begin(position(7, 51));
    EXPECT_EQ(same.begin(position(8, 52)), OffsetTracker::Admission::process) << "what was not read then is later";
}

TEST(OffsetTracker, AMessageFromTheFutureProvesNoNewTopic) {
    using enum OffsetTracker::MessageTime;
    OffsetTracker tracker(Commit{3, encode_metadata(3, {at(50), {{5, 7}}})});
    tracker.begin(position(3, 10));
    EXPECT_EQ(tracker.begin(position(5, 9'000'000), unbelievable), OffsetTracker::Admission::finished_before);
    EXPECT_EQ(tracker.begin(position(6, 50)), OffsetTracker::Admission::finished_before);
}

TEST(OffsetTracker, WhatEndsLateFinishesNothingOfALogThatWasTruncatedMeanwhile) {
    OffsetTracker tracker(Commit{0, ""});
    for (int offset = 0; offset < 5; ++offset) tracker.begin(position(offset, 1));
    const auto earlier = tracker.life();
    tracker.begin(position(2, 9));  // Other messages stand at 2 and 3 now.
    tracker.begin(position(3, 9));
    for (int offset = 1; offset < 5; ++offset) tracker.finish(offset, earlier);
    EXPECT_EQ(tracker.commit_offset(), 0) << "what is open below the cut is still to be finished";
    EXPECT_EQ(tracker.unfinished(), 3U);
    tracker.finish(0, earlier);
    EXPECT_EQ(tracker.commit_offset(), 2);
    tracker.finish(2, tracker.life());
    EXPECT_EQ(tracker.commit_offset(), 3);
}

}  // namespace
}  // namespace productd
