// The tracker against a model that keeps everything in plain sets.
#include "app/offset_tracker.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

TEST(OffsetTracker, CommitsWhatIsContiguousAndRemembersTheRest) {
    OffsetTracker tracker(std::nullopt);
    for (int offset = 10; offset < 20; ++offset) tracker.begin(position(offset, 1));
    EXPECT_EQ(tracker.commit_offset(), 10);
    tracker.finish(12);
    tracker.finish(13);
    tracker.finish(17);
    EXPECT_EQ(tracker.commit_offset(), 10);
    EXPECT_EQ(decode_metadata(10, tracker.commit().metadata)->ranges,
              (std::vector<std::pair<std::int64_t, std::int64_t>>{{12, 14}, {17, 18}}));
    tracker.finish(10);
    tracker.finish(11);
    EXPECT_EQ(tracker.commit_offset(), 14);
    EXPECT_EQ(tracker.unfinished(), 5U);
}

TEST(OffsetTracker, RepeatsOnlyWhatWasNotFinished) {
    OffsetTracker before(Commit{0, ""});
    for (int offset = 0; offset < 6; ++offset) {
        before.note_time(at(100 + offset));
        before.begin(position(offset, 100 + offset));
    }
    for (const int offset : {0, 2, 3, 5}) before.finish(offset);

    OffsetTracker after(before.commit());
    std::vector<std::int64_t> repeated;
    for (int offset = 1; offset < 8; ++offset) {
        if (after.begin(position(offset, 100 + offset)) == OffsetTracker::Admission::process)
            repeated.push_back(offset);
    }
    EXPECT_EQ(repeated, (std::vector<std::int64_t>{1, 4, 6, 7}));
    EXPECT_EQ(after.read_up_to(), at(105));
}

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

TEST(OffsetTracker, JumpsOverWhatTheLogSkips) {
    OffsetTracker tracker(Commit{0, ""});
    tracker.begin(position(5, 1));
    tracker.begin(position(1'000'000'000'000, 1));
    tracker.finish(1'000'000'000'000);
    EXPECT_EQ(tracker.commit_offset(), 5);
    tracker.finish(5);
    EXPECT_EQ(tracker.commit_offset(), 1'000'000'000'001);
    tracker.finish(7);  // Never read: no effect.
    EXPECT_EQ(tracker.unfinished(), 0U);
}

TEST(Metadata, NeverGrowsBeyondItsLimitAndStaysAscii) {
    FinishedAbove finished{at(1'800'000'000'000), {}};
    for (std::int64_t n = 0; n < 10'000; ++n) finished.ranges.emplace_back(n * 100 + 50, n * 100 + 51 + n % 40);
    const auto text = encode_metadata(0, finished);
    EXPECT_LE(text.size(), metadata_bytes_max);
    const auto decoded = decode_metadata(0, text);
    ASSERT_TRUE(decoded);
    EXPECT_GT(decoded->ranges.size(), 500U);
    EXPECT_TRUE(std::equal(decoded->ranges.begin(), decoded->ranges.end(), finished.ranges.begin()));
}

TEST(Metadata, ForeignAndDamagedTextIsNotOurs) {
    for (const auto* text :
         {"", "hello", "1", "1;", "1;5", "2;5;1+1", "1;5;0+1", "1;5;1+0", "1;5;1+1,", "1;5;1+1;2+2", "1;5;-1+1",
          "1;5;9223372036854775807+9", "1;5;4611686018427387904+4611686018427387904", "1;99999999999999999999;"}) {
        EXPECT_FALSE(decode_metadata(0, text)) << text;
    }
    EXPECT_TRUE(decode_metadata(0, "1;5;"));
}

TEST(OffsetTracker, AgreesWithTheModelOverAMillionOperations) {
    std::mt19937_64 random(7);
    const auto below = [&](std::uint64_t limit) { return static_cast<std::int64_t>(random() % limit); };
    std::optional<OffsetTracker> tracker{std::in_place, std::nullopt};
    std::vector<std::int64_t> open;   // Model: read and not finished.
    std::set<std::int64_t> finished;  // Model: finished, as far as anybody could know.
    std::int64_t next = 0;
    for (int operation = 0; operation < 1'000'000; ++operation) {
        const auto choice = below(100'000);
        if (choice < 3) {
            // A crash after a commit: what was finished by then and fitted into the metadata is not repeated.
            const auto commit = tracker->commit();
            const auto kept = decode_metadata(commit.offset, commit.metadata);
            ASSERT_TRUE(kept);
            for (const auto& [begin, end] : kept->ranges) {
                for (const auto offset : open)
                    ASSERT_FALSE(offset >= begin && offset < end) << "unfinished, yet remembered";
            }
            tracker.emplace(commit);
            open.clear();
            next = commit.offset;
        } else if (open.size() < 200 && choice < 55'000) {
            while (next % 53 == 7 || next % 59 == 8) ++next;  // Compacted away, for ever.
            if (tracker->begin(position(next, 1)) == OffsetTracker::Admission::process) {
                open.push_back(next);
            } else {
                ASSERT_TRUE(finished.contains(next)) << "passed over, yet never finished";
            }
            ++next;
        } else if (!open.empty()) {
            const auto place = open.begin() + below(open.size());
            tracker->finish(*place);
            finished.insert(*place);
            *place = open.back();
            open.pop_back();
        }
        const auto oldest = open.empty() ? next : *std::min_element(open.begin(), open.end());
        ASSERT_EQ(tracker->commit_offset(), oldest);
        ASSERT_EQ(tracker->unfinished(), open.size());
        if (finished.size() > 100'000) finished.erase(finished.begin(), finished.lower_bound(tracker->commit_offset()));
    }
}

}  // namespace
}  // namespace productd
