#include "app/letters/dead_letter_purge.hpp"

#include "app/events/replay_headers.hpp"
#include "app/letters/dead_letter_fixture.hpp"

namespace productd {
namespace {

using test::at;
using test::id_of;

class DeadLetterPurge : public test::DeadLetterTest {
protected:
    std::string letter(std::uint32_t number, std::int64_t time_ms = 2'000) {
        return add_letter(update_message(id_of(number), number, 1'000), time_ms);
    }
    bool is_mark(const Record& record) const { return record.topic == names_.dead_letter_states; }
};

TEST_F(DeadLetterPurge, FreesUpToTheFirstLetterThatIsNotDealtWithAndMarksTheRest) {
    const auto first = add_letter({test::position(1, 1'000), "k", "{", {}}, 2'000);
    const auto open = add_letter({test::position(2, 1'000), "k", "{", {}}, 2'000);
    const auto behind = add_letter({test::position(3, 1'000), "k", "{", {}}, 2'000);
    const auto report = purge({first, behind});
    EXPECT_EQ(report.letters_freed, 1);
    EXPECT_EQ(report.marked, 1);
    EXPECT_EQ(box().entries().size(), 2u);
    EXPECT_EQ(entry_of(open).state, LetterState::open);
    EXPECT_EQ(entry_of(behind).state, LetterState::purged);
    EXPECT_EQ(purge({open}).letters_freed, 2);
    EXPECT_TRUE(box().entries().empty());
    purge({});
    EXPECT_EQ(log_.count(names_.dead_letter_states), 0);
}

TEST_F(DeadLetterPurge, DoesNotMoveAnOlderMarkBehindANewerOne) {
    const auto id = letter(1);
    for (int i = 0; i < 10; ++i) mark(id, LetterState::replaying, 2'000);
    bool has_written = false;
    // Another command notes its end just before the purge moves what it had read.
    log_.before_publish = [&](const std::vector<Record>& records) {
        if (is_mark(records.front()) && !std::exchange(has_written, true)) {
            mark(id, LetterState::replayed, 2'000);
        }
        return Result<>{};
    };
    purge({});
    ASSERT_TRUE(has_written);
    EXPECT_EQ(entry_of(id).state, LetterState::replayed);
    log_.before_publish = [](const auto&) { return Result<>{}; };
    for (int i = 0; i < 3; ++i) purge({});
    EXPECT_EQ(entry_of(id).state, LetterState::replayed);
    EXPECT_EQ(log_.count(names_.dead_letter_states), 1);
}

// Whatever the purge is at when another command notes its end, and whatever a compaction leaves then.
TEST_F(DeadLetterPurge, LosesNoMarkThatIsWrittenWhileItRuns) {
    const auto states = names_.dead_letter_states;
    bool is_beside = true;
    for (int step = 0; is_beside; ++step) {
        const auto id = letter(static_cast<std::uint32_t>(step) + 1);
        for (int i = 0; i < 9; ++i) mark(id, LetterState::replaying, 2'000, "a run");
        const auto all = box();
        is_beside = false;
        int left = step;
        log_.before_call = [&] {
            if (is_beside || left-- > 0) return;
            is_beside = true;
            mark(id, LetterState::replayed, 2'000, "a run");
        };
        ASSERT_TRUE(await(purge_letters(log_, names_, all, {}, "purge", clock_.now())));
        log_.before_call = [] {};
        if (!is_beside) continue;
        EXPECT_EQ(entry_of(id).state, LetterState::replayed) << step;
        log_.compact(states);
        EXPECT_EQ(entry_of(id).state, LetterState::replayed) << step;
        purge({});
        log_.compact(states);
        EXPECT_EQ(entry_of(id).state, LetterState::replayed) << step;
    }
}

TEST_F(DeadLetterPurge, StandsAgainstAReplayThatEndsAfterIt) {
    add_letter({test::position(1, 1'000, names_.update), "k", "{", {}}, 2'000);  // Open: what is behind it stands.
    const auto id = add_letter({test::position(2, 1'000, names_.update), "k", "{", {}}, 2'000);
    mark(id, LetterState::replaying, 2'000, "replay");
    purge({id});
    mark(id, LetterState::replayed, 2'000, "replay");
    EXPECT_EQ(entry_of(id).state, LetterState::purged);
    log_.compact(names_.dead_letter_states);
    EXPECT_EQ(entry_of(id).state, LetterState::purged);
}

TEST_F(DeadLetterPurge, KeepsTheMarksOfLettersThatCameAfterTheIndexWasMade) {
    const auto id = letter(1);
    for (int i = 0; i < 9; ++i) mark(id, LetterState::replaying, 2'000);
    const auto all = box();
    add_letter(update_message(id_of(1), 1, 1'000), 3'000);
    mark(id, LetterState::edited, 3'000, "another");
    ASSERT_TRUE(await(purge_letters(log_, names_, all, {id}, "purge", clock_.now())));
    EXPECT_EQ(entry_of(id).state, LetterState::edited);
}

TEST_F(DeadLetterPurge, KeepsTheLastMarkOfEachLetterThatStandsAndNoOther) {
    const auto gone = letter(1);
    const auto kept = add_letter({test::position(9, 1'000), "\x02", "{", {}}, 2'000);
    for (int i = 0; i < 20; ++i) {
        mark(gone, LetterState::replaying, 2'000);
        mark(kept, LetterState::replaying, 2'000);
    }
    mark(kept, LetterState::edited, 2'000);
    purge({gone});
    ASSERT_EQ(log_.count(names_.dead_letter_states), 1);
    EXPECT_EQ(entry_of(kept).state, LetterState::edited);
}

TEST_F(DeadLetterPurge, LosesNoMarkWhereverItIsBrokenOff) {
    const auto open = letter(1);
    const auto replayed = letter(3);
    const auto purged = letter(5);
    for (int i = 0; i < 10; ++i) mark(open, LetterState::edited, 2'000);
    for (int i = 0; i < 10; ++i) mark(replayed, LetterState::replayed, 2'000);
    for (int steps = 0; steps < 6; ++steps) {
        auto left = steps;
        log_.before_publish = [&](const auto&) -> Result<> {
            if (left-- > 0) return {};
            return fail(Errc::unavailable, "broken off");
        };
        const auto all = box();
        static_cast<void>(await(purge_letters(log_, names_, all, {purged}, "purge", clock_.now())));
        log_.before_publish = [](const auto&) { return Result<>{}; };
        EXPECT_EQ(entry_of(open).state, LetterState::edited) << steps;
        EXPECT_EQ(entry_of(replayed).state, LetterState::replayed) << steps;
    }
}

TEST_F(DeadLetterPurge, LeavesALetterThatCameAfterTheIndexWasMade) {
    const auto first = letter(1);
    const auto all = box();
    const auto late = letter(3, 3'000);
    ASSERT_TRUE(await(purge_letters(log_, names_, all, {first}, "purge", clock_.now())));
    ASSERT_EQ(box().entries().size(), 1u);
    EXPECT_EQ(entry_of(late).state, LetterState::open);
}

TEST_F(DeadLetterPurge, DoesNotBringBackAnIdOfWhichAnEarlierLetterStandsInAnotherPartition) {
    add_letter({test::position(8, 1'000), "b", "{", {}}, 1'500);  // Open, and holds the earlier one in partition 0.
    Message poison{test::position(1, 1'000), "b", "{", {}};
    const auto id = add_letter(poison, 2'000);
    poison.position = test::position(5, 3'000);
    poison.key = "a";
    append_replay_headers(poison.headers, {test::position(1, 1'000), 1, 1, at(2'000)});
    ASSERT_EQ(add_letter(poison, 4'000), id);
    ASSERT_EQ(last_letter_.source.partition, 1);
    EXPECT_EQ(entry_of(id).letters, 2);
    purge({id});
    EXPECT_EQ(log_.begins[last_letter_.source], 1);
    EXPECT_EQ(entry_of(id).state, LetterState::purged);
}

TEST_F(DeadLetterPurge, FreesAPartitionThatHasOnlyEarlierLettersOfAnId) {
    Message poison{test::position(1, 1'000), "b", "{", {}};
    const auto id = add_letter(poison, 2'000);
    poison.position = test::position(5, 3'000);
    poison.key = "a";
    append_replay_headers(poison.headers, {test::position(1, 1'000), 1, 1, at(2'000)});
    add_letter(poison, 4'000);
    EXPECT_EQ(purge({}).letters_freed, 1);
    EXPECT_EQ(entry_of(id).letters, 1);
}

TEST_F(DeadLetterPurge, NothingGrowsHoweverOftenALetterIsReplayed) {
    const auto id = letter(1);
    std::int64_t most = 0;
    for (int round = 1; round <= 300; ++round) {
        clock_.time += std::chrono::seconds(10);
        const auto all = box();
        replay(all, {.again = true});
        ASSERT_TRUE(result_) << result_.error().detail;
        const auto published = log_.all(names_.update).back();
        add_letter(published, clock_.now().time_since_epoch().count() + 1'000);
        ASSERT_TRUE(await(tidy_letters(log_, names_, all, clock_.now())));
        most = std::max({most, log_.count(names_.dead_letters), log_.count(names_.dead_letter_states)});
    }
    EXPECT_LE(most, 110);
    ASSERT_EQ(box().entries().size(), 1u);
    EXPECT_EQ(entry_of(id).replays, 300);
    EXPECT_TRUE(entry_of(id).came_back);
}

}  // namespace
}  // namespace productd
