#include "app/letters/dead_letter_replay.hpp"

#include "app/events/replay_headers.hpp"
#include "app/letters/dead_letter_fixture.hpp"

namespace productd {
namespace {

using test::at;
using test::id_of;
using What = ReplayOutcome::What;

class DeadLetterReplayTest : public test::DeadLetterTest {
protected:
    std::string letter(std::uint32_t product, std::int64_t offset, const std::string& name = "Table") {
        return add_letter(update_message(id_of(product), offset, 1'000 + offset, name), 2'000 + offset);
    }
    /// As the worker would apply the last message published.
    void apply_last(Version version) {
        const auto message = log_.all(names_.update).back();
        const auto event = decode_as_worker(names_, message).value();
        auto stored = std::get<StoredProduct>(store_.get(event.change.id));
        stored.product.updated_at = message.position.time;
        stored.product.version = version;
        stored.history.fences.remember(message.position, message.position.time);
        store_.stored[event.change.id] = stored;
    }
    void store_product(std::uint32_t product, std::int64_t time_ms) {
        StoredProduct stored;
        stored.product.id = id_of(product);
        stored.product.created_at = stored.product.updated_at = at(time_ms);
        stored.product.version = {1};
        store_.stored[id_of(product)] = stored;
    }
    std::vector<Message> published() { return log_.all(names_.update); }
};

TEST_F(DeadLetterReplayTest, PublishesTheOriginalWithItsOriginAndNotesIt) {
    const auto id = letter(1, 7, "replayed");
    const auto told = replay();
    ASSERT_TRUE(result_);
    EXPECT_EQ(told.at(id).what, What::replayed);
    ASSERT_EQ(published().size(), 1u);
    const auto carried = replay_of(published().front());
    ASSERT_TRUE(carried);
    EXPECT_EQ(to_string(carried->origin), id);
    EXPECT_EQ(carried->replays, 1);
    EXPECT_EQ(entry_of(id).state, LetterState::replayed);
    EXPECT_EQ(replay().at(id).what, What::skipped);
    EXPECT_EQ(published().size(), 1u);
    EXPECT_EQ(replay({.again = true}).at(id).what, What::replayed);
}

TEST_F(DeadLetterReplayTest, PublishesToThePartitionItCameFrom) {
    auto message = update_message(id_of(1), 7, 1'000);
    message.key.reset();  // Any would do.
    for (std::int32_t partition = 0; partition < 2; ++partition) {
        message.position.source.partition = partition;
        add_letter(message, 2'000);
    }
    replay({.force = true});
    for (std::int32_t partition = 0; partition < 2; ++partition) {
        EXPECT_EQ((log_.partitions[{names_.update, partition}].size()), 1u) << partition;
    }
}

TEST_F(DeadLetterReplayTest, AnImpossibleTimeBecomesThatOfTheReplay) {
    const auto impossible = clock_.now() + std::chrono::hours(24 * 365 * 50);
    Message message = update_message(id_of(1), 7, 1'000);
    message.position.time = impossible;
    const auto read_ms = clock_.now().time_since_epoch().count();
    const auto id = add_letter(message, read_ms, "bad_time");
    EXPECT_EQ(entry_of(id).product, id_of(1));
    clock_.time += std::chrono::hours(48);
    EXPECT_EQ(replay().at(id).what, What::replayed);
    ASSERT_EQ(published().size(), 1u);
    EXPECT_EQ(published().front().position.time, clock_.now());
    EXPECT_EQ(to_string(replay_of(published().front())->origin), id);
    // Should it fail again, its letter is one with the first.
    add_letter(published().front(), read_ms + 1);
    EXPECT_EQ(entry_of(id).letters, 2);
    store_product(1, read_ms + 1);
    std::get<StoredProduct>(store_.stored[id_of(1)]).product.created_at = at(1);
    EXPECT_TRUE(replay({.again = true}).at(id).why.contains("overtaken")) << "changed after it was read first";
}

TEST_F(DeadLetterReplayTest, WhatIsRefusedIsAsItWasFound) {
    const auto id = letter(1, 7);
    mark(id, LetterState::replayed, 2'007);
    log_.on_publish = [&](const Record& record) -> Result<> {
        if (record.topic != names_.update) return {};
        return fail(Errc::invalid_argument, "Too large.");
    };
    EXPECT_EQ(replay({.again = true}).at(id).what, What::failed);
    EXPECT_EQ(entry_of(id).state, LetterState::replayed);
}

TEST_F(DeadLetterReplayTest, HeadersOfOurNamesAreReplayedAndNotBelieved) {
    auto message = update_message(id_of(1), 7, 1'000);
    message.headers.push_back({event_header::origin, "update-product/5/1/900"});
    message.headers.push_back({event_header::replays, "999"});
    const auto id = add_letter(message, 2'000);
    EXPECT_EQ(replay().at(id).what, What::replayed);
    EXPECT_EQ(lasting_headers(published().front()), message.headers);
    EXPECT_EQ(replay_of(published().front())->replays, 1);
}

TEST_F(DeadLetterReplayTest, ADryRunPublishesAndNotesNothing) {
    const auto id = letter(1, 7);
    EXPECT_EQ(replay({.dry_run = true}).at(id).what, What::would_replay);
    EXPECT_TRUE(published().empty());
    EXPECT_EQ(log_.count(names_.dead_letter_states), 0);
}

TEST_F(DeadLetterReplayTest, KeepsTheOrderOfAProductAlsoWhenItsFirstReplayIsAppliedMeanwhile) {
    const auto first = letter(1, 7, "first");
    const auto second = letter(1, 8, "second");
    store_product(1, 5'000);
    log_.after_publish = [&](const std::vector<Position>& written) {
        if (written.front().source.topic == names_.update) apply_last({2});
        return Result<>{};
    };
    const auto told = replay();
    EXPECT_EQ(told.at(first).what, What::replayed);
    EXPECT_EQ(told.at(second).what, What::replayed) << told.at(second).why;
    ASSERT_EQ(published().size(), 2u);
    EXPECT_TRUE(published()[1].value->contains("second"));
}

TEST_F(DeadLetterReplayTest, ARunThatWasBrokenOffGoesOnWithTheNextLetterOfTheSameProduct) {
    const auto first = letter(1, 7);
    store_product(1, 5'000);
    replay();
    apply_last({2});
    const auto second = letter(1, 8);
    clock_.time += std::chrono::seconds(1);
    EXPECT_EQ(replay().at(second).what, What::replayed);
    apply_last({3});
    const auto older = letter(1, 3);
    const auto told = replay();
    EXPECT_EQ(told.at(older).what, What::skipped);
    EXPECT_NE(told.at(older).why.find("overtaken"), std::string::npos);
}

TEST_F(DeadLetterReplayTest, ALetterLeftReplayingNeedsAgain) {
    const auto id = letter(1, 7);
    mark(id, LetterState::replaying, 2'007);
    auto told = replay();
    EXPECT_EQ(told.at(id).what, What::skipped);
    EXPECT_NE(told.at(id).why.find("--again"), std::string::npos);
    EXPECT_TRUE(published().empty());
    EXPECT_EQ(replay({.again = true}).at(id).what, What::replayed);
}

TEST_F(DeadLetterReplayTest, WhenTheAnswerIsLostTheLettersAreInDoubtAndTheRestIsLeft) {
    std::vector<std::string> ids;
    for (std::int64_t i = 0; i < 3; ++i) ids.push_back(letter(1, i));  // One product: a batch each.
    log_.after_publish = [&](const std::vector<Position>& written) -> Result<> {
        if (written.front().source.topic != names_.update) return {};
        return fail(Errc::unavailable, "The connection broke.");
    };
    const auto told = replay();
    ASSERT_FALSE(result_);
    EXPECT_EQ(told.size(), 1u);
    EXPECT_EQ(told.at(ids[0]).what, What::in_doubt);
    EXPECT_EQ(published().size(), 1u);
    EXPECT_EQ(entry_of(ids[0]).state, LetterState::replaying);
    EXPECT_EQ(entry_of(ids[1]).state, LetterState::open);
}

TEST_F(DeadLetterReplayTest, WhatTheLogRefusesIsNotLeftAsReplaying) {
    const auto id = letter(1, 7);
    log_.on_publish = [&](const Record& record) -> Result<> {
        if (record.topic != names_.update) return {};
        return fail(Errc::invalid_argument, "Too large.");
    };
    EXPECT_EQ(replay().at(id).what, What::failed);
    EXPECT_TRUE(result_);
    EXPECT_EQ(entry_of(id).state, LetterState::open);
}

TEST_F(DeadLetterReplayTest, LaterLettersOfAProductWaitForOneThatFailed) {
    const auto first = letter(1, 7, "bad");
    const auto second = letter(1, 8);
    const auto other = letter(2, 9);
    log_.on_publish = [&](const Record& record) -> Result<> {
        if (record.topic != names_.update || !record.value->contains("bad")) return {};
        return fail(Errc::invalid_argument, "Refused.");
    };
    const auto told = replay();
    EXPECT_EQ(told.at(first).what, What::failed);
    EXPECT_EQ(told.at(second).what, What::skipped);
    EXPECT_EQ(told.at(other).what, What::replayed);
}

TEST_F(DeadLetterReplayTest, TwoRunsThatReadTheSameBoxPublishALetterOnce) {
    const auto id = letter(1, 7);
    const auto before = box();
    EXPECT_EQ(replay(before).at(id).what, What::replayed);
    EXPECT_EQ(replay(before).at(id).what, What::failed);  // As if it had read the box while the first ran.
    EXPECT_EQ(published().size(), 1u);
    EXPECT_EQ(entry_of(id).state, LetterState::replayed);
}

TEST_F(DeadLetterReplayTest, ALetterThatAnotherRunTookDuringAnEarlierBatchIsLeftToIt) {
    letter(1, 7);
    const auto later = letter(1, 8);  // Of the same product, so in the next batch.
    bool is_first = true;
    log_.before_publish = [&](const std::vector<Record>& records) -> Result<> {
        if (records[0].topic == names_.dead_letter_states && std::exchange(is_first, false)) {
            mark(later, LetterState::replaying, 2'008);
        }
        return {};
    };
    EXPECT_EQ(replay({.force = true}).at(later).what, What::failed);
    EXPECT_EQ(published().size(), 1u);
}

TEST_F(DeadLetterReplayTest, MarksThatAPurgeMovesMeanwhileAreNobodysClaim) {
    const auto id = letter(1, 7);
    for (int i = 0; i < 5; ++i) mark(id, LetterState::edited, 2'007);
    const auto before = box();
    const auto kept = log_.begins;
    purge({});
    log_.begins = kept;  // The run had read this far already.
    EXPECT_EQ(replay(before).at(id).what, What::replayed);
}

TEST_F(DeadLetterReplayTest, ALetterIsReplayedNoMoreAfterAThousandTimes) {
    Message message = update_message(id_of(1), 7, 1'000);
    const auto origin = message.position;
    message.position = test::position(9, 1'500, "update-product");
    append_replay_headers(message.headers, {origin, replays_max, 5, at(1'000)});
    const auto id = add_letter(message, 2'000);
    const auto told = replay({.force = true, .again = true});
    EXPECT_EQ(told.at(id).what, What::skipped);
    EXPECT_NE(told.at(id).why.find("1000 times"), std::string::npos);
}

TEST_F(DeadLetterReplayTest, NeedsTheTopicOfMarks) {
    letter(1, 7);
    log_.partitions.erase({names_.dead_letter_states, 0});
    log_.partitions.erase({names_.dead_letter_states, 1});
    replay();
    ASSERT_FALSE(result_);
    EXPECT_NE(result_.error().detail.find("productd topics create"), std::string::npos);
}

}  // namespace
}  // namespace productd
