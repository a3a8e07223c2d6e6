// That the log's mark has room behind what the worker writes. A lost store beside Kafka is tried on real brokers, in
// tests/stack/test_kafka_store_lost.py.
#include <gtest/gtest.h>

#include <limits>

#include "app/worker/offsets/commit_metadata.hpp"
#include "outbound/kafka/kafka_commit_mark.hpp"

namespace productd {
namespace {

TEST(StoreMarkOfACommit, FitsBehindTheLargestMetadataOfTheWorker) {
    FinishedAbove finished;
    for (std::int64_t i = 0; i < 100'000; ++i) {
        finished.ranges.emplace_back(1'000'000'000'000 + 3 * i, 1'000'000'000'001 + 3 * i);
    }
    const StoreMark mark{-1, std::numeric_limits<std::int64_t>::max()};
    const auto kept = with_mark({{0, encode_metadata(0, finished)}, mark});
    EXPECT_GT(kept.metadata.size(), 4'050U);
    EXPECT_TRUE(check_metadata(kept));
    EXPECT_EQ(marked_commit(kept).store, mark);
}

}  // namespace
}  // namespace productd
