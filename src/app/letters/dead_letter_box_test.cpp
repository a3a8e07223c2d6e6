#include "app/letters/dead_letter_box.hpp"

#include "app/events/replay_headers.hpp"
#include "app/letters/dead_letter_fixture.hpp"

namespace productd {
namespace {

using test::at;
using test::id_of;

class DeadLetterBoxTest : public test::DeadLetterTest {
protected:
    std::string letter() { return add_letter(update_message(id_of(1), 7, 1'000), 2'000); }

    /// The letter of the replay number `replays` of letter(), written at `time_ms`.
    void comes_back(std::int64_t replays, std::int64_t time_ms) {
        auto message = update_message(id_of(1), 7, 1'000);
        append_replay_headers(message.headers, {message.position, replays, replays, at(2'000)});
        message.position = test::position(100 + replays, time_ms - 1, "update-product");
        add_letter(message, time_ms);
    }
};

TEST_F(DeadLetterBoxTest, KnowsWhatALetterIsAbout) {
    const auto entry = entry_of(letter());
    EXPECT_EQ(entry.id, "update-product/0/7/1000");
    EXPECT_EQ(entry.code, "not_found");
    EXPECT_EQ(entry.product, id_of(1));
    EXPECT_EQ(entry.state, LetterState::open);
    EXPECT_EQ(entry.attempts, 1);
    EXPECT_EQ(entry.letters, 1);
}

TEST_F(DeadLetterBoxTest, TheLastMarkTellsTheState) {
    const auto id = letter();
    for (const auto state :
         {LetterState::replaying, LetterState::replayed, LetterState::edited, LetterState::purged, LetterState::open}) {
        mark(id, state, 2'000);
        EXPECT_EQ(entry_of(id).state, state);
        EXPECT_FALSE(entry_of(id).came_back);
    }
}

TEST_F(DeadLetterBoxTest, LettersOfOneMessageAreOneThatCameBack) {
    const auto id = letter();
    mark(id, LetterState::replaying, 2'000);
    comes_back(1, 3'000);
    ASSERT_EQ(box().entries().size(), 1u);
    EXPECT_EQ(entry_of(id).letters, 2);
    EXPECT_EQ(entry_of(id).attempts, 2);
    EXPECT_EQ(entry_of(id).state, LetterState::replayed);
    EXPECT_TRUE(entry_of(id).came_back);
    mark(id, LetterState::replayed, 2'000);  // Of the earlier letter, written late.
    EXPECT_TRUE(entry_of(id).came_back);
    mark(id, LetterState::replayed, 3'000);
    EXPECT_FALSE(entry_of(id).came_back);
}

TEST_F(DeadLetterBoxTest, AClockThatIsBehindHidesNoLetter) {
    const auto id = letter();
    mark(id, LetterState::replayed, 2'000);
    comes_back(1, 1'500);  // Written by an instance whose clock is behind.
    EXPECT_EQ(entry_of(id).replays, 1);
    EXPECT_EQ(entry_of(id).letter.time, at(1'500));
    EXPECT_TRUE(entry_of(id).came_back);
    mark(id, LetterState::purged, 9'000);
    add_letter(update_message(id_of(1), 7, 1'000), 1'200);  // The first delivery once more, after a crash.
    EXPECT_NE(entry_of(id).state, LetterState::purged) << "nobody has seen that letter";
    EXPECT_EQ(entry_of(id).replays, 1);
}

TEST_F(DeadLetterBoxTest, AMarkOfAnEarlierLetterSaysNothingOfALaterOne) {
    const auto id = letter();
    mark(id, LetterState::purged, 2'000);
    comes_back(1, 3'000);
    EXPECT_EQ(entry_of(id).state, LetterState::replayed);
    EXPECT_TRUE(entry_of(id).came_back);
}

TEST_F(DeadLetterBoxTest, AnEditReplacesThePayloadOfThatLetterOnly) {
    const auto id = letter();
    LetterMark edit{.id = id, .state = LetterState::edited, .letters = places_of(entry_of(id))};
    edit.run = "edit";
    edit.payload = std::string("\x00\xff new", 6);
    publish(edit);
    EXPECT_EQ(await(whole_letter(log_, entry_of(id)))->payload, edit.payload);
    comes_back(1, 3'000);
    EXPECT_NE(await(whole_letter(log_, entry_of(id)))->payload, edit.payload);
}

TEST_F(DeadLetterBoxTest, ListsWhatCannotBeReadByItsOwnPosition) {
    log_.append({names_.dead_letters, 0, "k", "nonsense", {}, at(5)});
    log_.append({names_.dead_letters, 0, std::nullopt, std::nullopt, {}, at(6)});
    log_.append({names_.dead_letter_states, 0, "k", "nonsense", {}, at(5)});
    const auto all = box();
    ASSERT_EQ(all.entries().size(), 2u);
    EXPECT_EQ(all.entries()[0].id, "dead-letter-queue/0/0/5");
    EXPECT_TRUE(all.entries()[0].damaged);
}

TEST_F(DeadLetterBoxTest, IsInTheOrderOfReplay) {
    add_letter({test::position(1, 900, "delete-product"), "k", "{}", {}}, 2'000);
    add_letter({test::position(9, 900, "update-product", 1), "k", "{}", {}}, 2'000);
    add_letter({test::position(8, 900, "update-product", 1), "k", "{}", {}}, 2'000);
    add_letter({test::position(20, 900, "update-product", 0), "k", "{}", {}}, 2'000);
    add_letter({test::position(30, 900, "create-product"), "k", "{}", {}}, 2'000);
    std::vector<std::string> ids;
    for (const auto& entry : box().entries()) ids.push_back(entry.id);
    EXPECT_EQ(ids,
              (std::vector<std::string>{"create-product/0/30/900", "update-product/0/20/900", "update-product/1/8/900",
                                        "update-product/1/9/900", "delete-product/0/1/900"}));
}

TEST_F(DeadLetterBoxTest, FindsByWhatAnIdAloneBeginsWith) {
    add_letter({test::position(1, 900), "k", "{}", {}}, 2'000);
    add_letter({test::position(11, 900), "k", "{}", {}}, 2'000);
    const auto all = box();
    EXPECT_EQ(all.find("create-product/0/1/900"), 0u);
    EXPECT_EQ(all.find("create-product/0/11"), 1u);
    EXPECT_EQ(all.find("create-product/0/1").error().code, Errc::failed_precondition);
    EXPECT_EQ(all.find("other").error().code, Errc::not_found);
}

TEST_F(DeadLetterBoxTest, AMovedMarkKeepsItsOrderHoweverOftenItIsMoved) {
    LetterMark mark{.id = "k", .state = LetterState::replayed, .letters = {{1, 7}}};
    mark.published = at(77);
    auto record = encode_mark(names_.dead_letter_states, 2, mark, at(5));
    for (const std::int64_t offset : {3, 40, 500}) {
        Message message{test::position(offset, 5, names_.dead_letter_states), record.key, record.value, record.headers};
        EXPECT_EQ(read_mark(message)->order, 3);
        EXPECT_EQ(read_mark(message)->published, at(77));
        EXPECT_EQ(read_mark(message)->letters, mark.letters);
        record = moved_mark(message);
    }
    for (const auto* wrong : {"", "x", "-1", "600", "99999999999999999999"}) {
        Message message{
            test::position(500, 5, names_.dead_letter_states), record.key, record.value, {{moved_header, wrong}}};
        EXPECT_EQ(read_mark(message)->order, 500) << wrong;
    }
}

}  // namespace
}  // namespace productd
