// Every order in which two commands' marks can come to stand in the log, and all that may happen to them there.
#include "app/letters/dead_letter_fold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <set>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using test::at;

const LetterPlaces first{{0, 5}};
const LetterPlaces both{{0, 9}};
const LetterPlaces other_partition{{0, 5}, {1, 2}};

/// What one run of a command writes of a letter, in this order.
struct Writer {
    std::string run;
    std::vector<LetterState> states;
    LetterPlaces letters;  ///< Those it knew.

    LetterMark mark(std::size_t i) const {
        LetterMark mark{.id = "id", .state = states[i], .letters = letters};
        mark.run = run;
        const bool is_replay = states.front() == LetterState::replaying;
        if (is_replay) mark.published = at(run == "a" ? 100 : 200);
        if (states[i] == LetterState::edited) mark.payload = run;
        return mark;
    }
};

std::vector<Writer> writers_named(const std::string& run) {
    using enum LetterState;
    std::vector<Writer> writers;
    for (const auto& letters : {first, both, other_partition}) {
        for (const auto& states : std::vector<std::vector<LetterState>>{
                 {replaying}, {replaying, replayed}, {replaying, open}, {edited}, {purged}}) {
            writers.push_back({run, states, letters});
        }
    }
    return writers;
}

/// The log's marks as they are read back: through the very records that are written.
struct Log {
    std::vector<Record> records;
    std::vector<std::int64_t> offsets;

    void write(Record record) {
        offsets.push_back(offsets.empty() ? 0 : offsets.back() + 1);
        records.push_back(std::move(record));
    }
    Message message(std::size_t i) const {
        return {{{"dead-letter-state", 0}, offsets[i], at(0)}, records[i].key, records[i].value, records[i].headers};
    }
    void erase(std::size_t i) {
        records.erase(records.begin() + static_cast<std::ptrdiff_t>(i));
        offsets.erase(offsets.begin() + static_cast<std::ptrdiff_t>(i));
    }
    /// Drops the oldest and writes it again at the end, as a purge does.
    void move_front() {
        auto moved = moved_mark(message(0));
        erase(0);
        offsets.push_back(offsets.empty() ? 100 : offsets.back() + 1);
        records.push_back(std::move(moved));
    }
    void compact() {
        std::set<std::string> seen;
        for (auto i = records.size(); i-- > 0;) {
            if (!seen.insert(*records[i].key).second) erase(i);
        }
    }
    std::vector<NotedMark> noted() const {
        std::vector<NotedMark> noted;
        for (std::size_t i = 0; i < records.size(); ++i) {
            auto mark = read_mark(message(i)).value();
            const bool has_payload = mark.payload.has_value();
            noted.push_back({std::move(mark), message(i).position, has_payload});
        }
        return noted;
    }
};

/// All that is told but for where it stands.
std::string told(std::span<const NotedMark> marks, const LetterPlaces& letters) {
    const auto folded = fold(marks, letters);
    std::string text = folded.state ? name(*folded.state) : "none";
    if (folded.was_replayed) text += ", was replayed";
    if (folded.published) text += ", at " + std::to_string(folded.published->time_since_epoch().count());
    for (const auto& noted : marks) {
        if (noted.position == folded.edit) text += ", with the payload of " + noted.mark.run;
    }
    return text;
}

/// Calls `check` with each log that the two can write between them.
template <class Check>
void for_each_interleaving(const Writer& a, const Writer& b, Check check) {
    const auto all = a.states.size() + b.states.size();
    for (unsigned turns = 0; turns < 1U << all; ++turns) {
        if (static_cast<std::size_t>(std::popcount(turns)) != b.states.size()) continue;
        Log log;
        std::size_t of_a = 0;
        std::size_t of_b = 0;
        for (std::size_t i = 0; i < all; ++i) {
            const auto mark = (turns >> i & 1U) == 1 ? b.mark(of_b++) : a.mark(of_a++);
            log.write(encode_mark("dead-letter-state", 1, mark, at(0)));
        }
        check(log);
    }
}

const std::array all_letters{first, both, other_partition};

template <class Check>
void for_each_log(Check check) {
    for (const auto& a : writers_named("a")) {
        for (const auto& b : writers_named("b")) {
            for_each_interleaving(a, b, [&](const Log& log) {
                for (const auto& letters : all_letters) check(a, b, log, letters);
            });
        }
    }
}

TEST(DeadLetterFold, SaysTheSameInWhateverOrderTheMarksAreRead) {
    for_each_log([](const Writer&, const Writer&, const Log& log, const LetterPlaces& letters) {
        auto marks = log.noted();
        const auto expected = told(marks, letters);
        const auto by_offset = [](const NotedMark& mark) { return mark.position.offset; };
        while (std::ranges::next_permutation(marks, {}, by_offset).found) ASSERT_EQ(told(marks, letters), expected);
    });
}

TEST(DeadLetterFold, SaysTheSameAfterMovesAndCompactionsInEveryOrder) {
    const auto told_of_all = [](const Log& log) {
        const auto marks = log.noted();
        std::string text;
        for (const auto& letters : all_letters) text += told(marks, letters) + "; ";
        return text;
    };
    for_each_log([&](const Writer&, const Writer&, const Log& log, const LetterPlaces& letters) {
        if (letters != first) return;
        const auto expected = told_of_all(log);
        for (unsigned steps = 0; steps < 8; ++steps) {
            auto changed = log;
            for (unsigned i = 0; i < 3; ++i) (steps >> i & 1U) == 1 ? changed.compact() : changed.move_front();
            ASSERT_EQ(told_of_all(changed), expected);
        }
    });
}

TEST(DeadLetterFold, SaysTheSameWithTheMarksThatAreNeededAlone) {
    for_each_log([](const Writer&, const Writer&, const Log& log, const LetterPlaces& letters) {
        const auto all = log.noted();
        auto needed = all;
        const auto positions = fold(all, letters).needed;
        std::erase_if(needed, [&](const NotedMark& mark) {
            return std::ranges::find(positions, mark.position) == positions.end();
        });
        ASSERT_EQ(told(needed, letters), told(all, letters));
        ASSERT_LE(needed.size(), 4U);
    });
}

TEST(DeadLetterFold, WhoWithdrawsLeavesTheLetterAsItIsWithoutHim) {
    for_each_log([](const Writer& a, const Writer&, const Log& log, const LetterPlaces& letters) {
        if (a.states.back() != LetterState::replaying) return;
        const auto all = log.noted();
        auto others = all;
        std::erase_if(others, [&](const NotedMark& mark) { return mark.mark.run == a.run; });
        // Also where a purge came between and left only what was needed.
        const auto positions = fold(all, letters).needed;
        auto left = all;
        std::erase_if(left, [&](const NotedMark& mark) {
            return std::ranges::find(positions, mark.position) == positions.end();
        });
        auto withdrawn = a;
        withdrawn.states.push_back(LetterState::open);
        auto mark = withdrawn.mark(1);
        mark.order = 1'000;
        for (auto* marks : {&left, &others}) {
            auto with = *marks;
            with.push_back({mark, test::position(1'000, 0, "dead-letter-state"), false});
            ASSERT_EQ(fold(with, letters).state, fold(others, letters).state);
        }
    });
}

TEST(DeadLetterFold, AMoveMakesNoOlderMarkOutliveAWithdrawal) {
    for_each_log([](const Writer& a, const Writer&, const Log& log, const LetterPlaces& letters) {
        if (a.states.back() != LetterState::open) return;
        const auto expected = told(log.noted(), letters);
        auto changed = log;
        for (std::size_t i = 0; i < log.records.size(); ++i) {
            // The purge is broken off before it has dropped what follows.
            changed.move_front();
            const auto marks = changed.noted();
            const auto positions = fold(marks, letters).needed;
            const bool is_needed = std::ranges::find(positions, marks.front().position) != positions.end();
            auto rest = changed;
            if (!is_needed) rest.erase(0);
            ASSERT_EQ(told(rest.noted(), letters), expected);
        }
    });
}

TEST(DeadLetterFold, NoMarkTakesBackAPurgeOrAnEditThatItDidNotSee) {
    for_each_log([](const Writer& a, const Writer& b, const Log& log, const LetterPlaces& letters) {
        const auto folded = fold(log.noted(), letters);
        for (const auto& writer : {a, b}) {
            if (writer.letters != letters) continue;
            if (writer.states.back() == LetterState::purged) {
                ASSERT_EQ(folded.state, LetterState::purged);
            }
            if (writer.states.back() == LetterState::edited) {
                ASSERT_TRUE(folded.edit);
            }
        }
    });
}

TEST(DeadLetterFold, AMarkSaysNothingOfALetterItsWriterDidNotKnow) {
    for_each_log([](const Writer& a, const Writer& b, const Log& log, const LetterPlaces&) {
        const LetterPlaces later{{0, 10}, {1, 2}};
        const auto folded = fold(log.noted(), later);
        ASSERT_FALSE(folded.state);
        ASSERT_FALSE(folded.edit);
        const auto is_replay = [](const Writer& writer) {
            return writer.states.front() == LetterState::replaying && writer.states.back() != LetterState::open;
        };
        ASSERT_EQ(folded.was_replayed, is_replay(a) || is_replay(b));
    });
}

}  // namespace
}  // namespace productd
