// When a partition counts as standing still.
#include "app/health/progress_watch.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

using std::chrono::seconds;

TEST(ProgressWatch, CountsFromWhenTheFirstUnfinishedMessageWasSeen) {
    ProgressWatch watch;
    const ProgressWatch::Time begin{seconds(100)};
    const TopicPartition one{"create-product", 0};
    const TopicPartition other{"update-product", 2};
    EXPECT_FALSE(watch.longest(begin));

    watch.note(one, 5, 9, begin);
    watch.note(other, 3, 3, begin);
    watch.note(one, 5, 12, begin + seconds(10));
    ASSERT_TRUE(watch.longest(begin + seconds(30)));
    EXPECT_EQ(watch.longest(begin + seconds(30))->source, one);
    EXPECT_EQ(watch.longest(begin + seconds(30))->offset, 5);
    EXPECT_EQ(watch.longest(begin + seconds(30))->lasts, seconds(30));

    watch.note(one, 6, 12, begin + seconds(40));
    watch.note(other, 3, 4, begin + seconds(50));
    EXPECT_EQ(watch.longest(begin + seconds(60))->lasts, seconds(20)) << "a commit that moved is progress";

    watch.note(one, 12, 12, begin + seconds(70));
    EXPECT_EQ(watch.longest(begin + seconds(80))->source, other);
    watch.note(other, 4, 4, begin + seconds(90));
    EXPECT_FALSE(watch.longest(begin + seconds(1'000))) << "what is finished stands still rightly";
}

TEST(ProgressWatch, ForgetsPartitionsThatAreGone) {
    ProgressWatch watch;
    const ProgressWatch::Time begin{seconds(100)};
    const TopicPartition gone{"create-product", 0};
    const TopicPartition stays{"create-product", 1};
    watch.note(gone, 5, 9, begin);
    watch.note(stays, 5, 9, begin + seconds(10));
    watch.keep_only({stays});
    EXPECT_EQ(watch.longest(begin + seconds(30))->source, stays);
    watch.keep_only({});
    EXPECT_FALSE(watch.longest(begin + seconds(30)));
}

}  // namespace
}  // namespace productd
