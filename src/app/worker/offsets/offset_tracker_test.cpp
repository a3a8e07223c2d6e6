// The tracker against a model that keeps everything in plain sets.
#include "app/worker/offsets/offset_tracker.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <random>
#include <set>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;
using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// Finishes a message of the tracker's present life.
void finish(OffsetTracker& tracker, std::int64_t offset) { tracker.finish(offset, tracker.life()); }

TEST(OffsetTracker, CommitsWhatIsContiguousAndRemembersTheRest) {
    OffsetTracker tracker(std::nullopt);
    for (int offset = 10; offset < 20; ++offset) tracker.begin(position(offset, 1));
    EXPECT_EQ(tracker.commit_offset(), 10);
    finish(tracker, 12);
    finish(tracker, 13);
    finish(tracker, 17);
    EXPECT_EQ(tracker.commit_offset(), 10);
    EXPECT_EQ(decode_metadata(10, tracker.commit().metadata)->ranges, (Ranges{{12, 14}, {17, 18}}));
    finish(tracker, 10);
    finish(tracker, 11);
    EXPECT_EQ(tracker.commit_offset(), 14);
    EXPECT_EQ(tracker.unfinished(), 5U);
}

TEST(OffsetTracker, PassesOverOffsetsThatHaveNoMessage) {
    OffsetTracker tracker(std::nullopt);
    tracker.begin(position(0, 1));
    EXPECT_TRUE(tracker.skip_to(3));
    EXPECT_EQ(tracker.commit_offset(), 0);
    finish(tracker, 0);
    EXPECT_EQ(tracker.commit_offset(), 3);
    EXPECT_FALSE(tracker.skip_to(0));
    EXPECT_EQ(tracker.begin(position(3, 2)), OffsetTracker::Admission::process);
    EXPECT_EQ(tracker.commit_offset(), 3);
    EXPECT_EQ(tracker.life(), 0U);
}

TEST(OffsetTracker, RepeatsOnlyWhatWasNotFinished) {
    OffsetTracker before(Commit{0, ""});
    for (int offset = 0; offset < 6; ++offset) {
        before.note_time(at(100 + offset));
        before.begin(position(offset, 100 + offset));
    }
    for (const int offset : {0, 2, 3, 5}) finish(before, offset);

    OffsetTracker after(before.commit());
    std::vector<std::int64_t> repeated;
    for (int offset = 1; offset < 8; ++offset) {
        if (after.begin(position(offset, 100 + offset)) == OffsetTracker::Admission::process)
            repeated.push_back(offset);
    }
    EXPECT_EQ(repeated, (std::vector<std::int64_t>{1, 4, 6, 7}));
    EXPECT_EQ(after.read_up_to(), at(105));
}

TEST(OffsetTracker, JumpsOverWhatTheLogSkips) {
    OffsetTracker tracker(Commit{0, ""});
    tracker.begin(position(5, 1));
    tracker.begin(position(1'000'000'000'000, 1));
    finish(tracker, 1'000'000'000'000);
    EXPECT_EQ(tracker.commit_offset(), 5);
    finish(tracker, 5);
    EXPECT_EQ(tracker.commit_offset(), 1'000'000'000'001);
    finish(tracker, 7);  // Never read: no effect.
    EXPECT_EQ(tracker.unfinished(), 0U);
}

TEST(OffsetTracker, SaysThatNoMoreShouldBeReadBeforeAnyFinishedWorkIsLeftOut) {
    std::mt19937_64 random(11);
    OffsetTracker tracker(Commit{0, ""});
    tracker.begin(position(0, 1));  // Hangs for good.
    std::vector<std::int64_t> open;
    std::set<std::int64_t> finished;
    for (std::int64_t next = 1; next < 100'000;) {
        for (int n = 0; n < 100 && tracker.has_room(100); ++n, ++next) {
            tracker.begin(position(next, 1));
            open.push_back(next);
        }
        // Every second one hangs for a while, so that there are as many ranges as can be.
        std::ranges::shuffle(open, random);
        for (auto ending = open.size() / 2 + 1; ending-- > 0 && !open.empty();) {
            finish(tracker, open.back());
            finished.insert(open.back());
            open.pop_back();
        }
        if (next % 5'000 >= 100) continue;
        const auto commit = tracker.commit();
        ASSERT_EQ(commit.offset, 0);
        auto kept = finished.begin();
        for (const auto& [begin, end] : decode_metadata(0, commit.metadata)->ranges) {
            for (auto offset = begin; offset < end; ++offset, ++kept) ASSERT_EQ(*kept, offset) << "at " << next;
        }
        ASSERT_EQ(kept, finished.end()) << "at " << next;
    }
}

TEST(OffsetTracker, CountsEachEndOnceWhenManyThreadsFinishAtATime) {
    asio::thread_pool threads(4);
    auto strand = asio::make_strand(threads);  // As the worker's executor: the tracker itself has no lock.
    OffsetTracker tracker(Commit{0, ""});
    constexpr int messages = 20'000;
    asio::post(strand, [&] {
        for (int offset = 0; offset < messages; ++offset) tracker.begin(position(offset, 1));
    });
    for (int thread = 0; thread < 4; ++thread) {
        asio::post(threads, [&, thread] {
            for (int offset = thread; offset < messages; offset += 4) {
                asio::post(strand, [&tracker, offset] {
                    finish(tracker, offset);
                    if (offset % 1'000 == 0) static_cast<void>(tracker.commit());
                });
            }
        });
    }
    threads.join();
    EXPECT_EQ(tracker.commit_offset(), messages);
    EXPECT_EQ(tracker.unfinished(), 0U);
}

/// A crash, a truncation, a read or an end at a time, and what must hold after each.
class TrackerModel {
public:
    void crash() {
        const auto commit = tracker->commit();
        const auto kept = decode_metadata(commit.offset, commit.metadata);
        ASSERT_TRUE(kept);
        std::size_t told = 0;
        for (const auto& [begin, end] : kept->ranges) {
            for (const auto& [offset, life] : open)
                ASSERT_FALSE(offset >= begin && offset < end) << "unfinished, yet remembered";
            for (auto offset = begin; offset < end; ++offset) told += finished.contains(offset) ? 1 : 0;
        }
        // What was finished in an earlier life and is next to be read may have to be read again.
        const auto above = std::distance(finished.upper_bound(commit.offset), finished.end());
        ASSERT_EQ(told, static_cast<std::size_t>(above)) << "finished, yet not remembered";
        tracker.emplace(commit);
        open.clear();
        next = commit.offset;
    }
    void truncate(std::int64_t to) {
        const auto before = open;
        std::erase_if(open, [&](const auto& entry) { return entry.first >= to; });
        finished.erase(finished.lower_bound(to), finished.end());
        next = to;
        read();
        for (const auto& [offset, life] : before) {
            if (offset >= to) tracker->finish(offset, life);  // What ends late.
        }
    }
    void read() {
        while (next % 53 == 7 || next % 59 == 8) ++next;  // Compacted away, for ever.
        tracker->note_time(at(1));
        if (tracker->begin(position(next, 1)) == OffsetTracker::Admission::process) {
            open.emplace_back(next, tracker->life());
        } else {
            ASSERT_TRUE(finished.contains(next)) << "passed over, yet never finished";
        }
        ++next;
    }
    void end(std::size_t index) {
        const auto [offset, life] = open[index];
        tracker->finish(offset, life);
        finished.insert(offset);
        open[index] = open.back();
        open.pop_back();
    }
    void check() {
        const auto oldest = open.empty() ? next : std::ranges::min_element(open)->first;
        ASSERT_EQ(tracker->commit_offset(), oldest);
        ASSERT_EQ(tracker->unfinished(), open.size());
        if (finished.size() > 100'000) finished.erase(finished.begin(), finished.lower_bound(oldest));
    }

    std::optional<OffsetTracker> tracker{std::in_place, std::nullopt};
    std::vector<std::pair<std::int64_t, std::uint32_t>> open;  ///< Read and not finished, with their lives.
    std::set<std::int64_t> finished;                           ///< As far as anybody could know.
    std::int64_t next = 0;
};

TEST(OffsetTracker, AgreesWithTheModelOverAMillionOperations) {
    std::mt19937_64 random(7);
    const auto below = [&](std::uint64_t limit) { return static_cast<std::int64_t>(random() % limit); };
    TrackerModel model;
    for (int operation = 0; operation < 1'000'000; ++operation) {
        const auto choice = below(100'000);
        if (choice < 3) {
            model.crash();
        } else if (choice == 3 && model.next > 0) {
            model.truncate(std::max<std::int64_t>(model.next - 1 - below(300), 0));
        } else if (model.open.size() < 200 && choice < 55'000) {
            model.read();
        } else if (!model.open.empty()) {
            model.end(static_cast<std::size_t>(below(model.open.size())));
        }
        model.check();
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace productd
