#include "app/letters/dead_letter_reader.hpp"

#include <gtest/gtest.h>

#include <random>

#include "app/events/replay_headers.hpp"
#include "app/letters/dead_letter.hpp"

namespace productd {
namespace {

std::string noise(std::mt19937_64& random) {
    std::string bytes(random() % 60, '\0');
    const bool is_text = random() % 2 == 0;
    for (auto& c : bytes) c = static_cast<char>(is_text ? 32 + random() % 95 : random() % 256);
    return bytes;
}

Message message(std::mt19937_64& random) {
    Message made{{{"create-product", 2}, 7, Timestamp{std::chrono::milliseconds{1'700'000'000'123}}}, {}, {}, {}};
    if (random() % 4 != 0) made.key = noise(random);
    if (random() % 4 != 0) made.value = noise(random);
    for (auto n = random() % 3; n > 0; --n) made.headers.push_back({noise(random), noise(random)});
    return made;
}

std::string letter_of(const Message& message) {
    const Error error{Errc::invalid_argument, "It is \"wrong\"."};
    const DeadLetter letter{message, error, "invalid_argument",    "group",
                            "",      3,     message.position.time, message.position.time};
    return *encode_dead_letter("dead-letter-queue", letter, Completeness::whole).value;
}

TEST(DeadLetterReader, ReadsExactlyWhatWasWritten) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 2'000; ++round) {
        const auto sent = message(random);
        const auto read = read_dead_letter(letter_of(sent));
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(read->origin, sent.position);
        EXPECT_EQ(read->key, sent.key);
        EXPECT_EQ(read->payload, sent.value);
        EXPECT_EQ(read->headers, sent.headers);
        EXPECT_EQ(read->last_failure, sent.position.time);
    }
}

TEST(DeadLetterReader, SurvivesAnyMutation) {
    std::mt19937_64 random(2);
    for (int round = 0; round < 5'000; ++round) {
        auto text = letter_of(message(random));
        for (auto n = random() % 4 + 1; n > 0; --n) text[random() % text.size()] = static_cast<char>(random() % 256);
        if (random() % 3 == 0) text.resize(random() % text.size());
        if (const auto read = read_dead_letter(text); !read) {
            EXPECT_FALSE(read.error().detail.empty());
        }
    }
}

TEST(DeadLetterReader, ReadsBackALetterOfTheHundredthReplayNoLongerThanTheFirst) {
    std::mt19937_64 random(3);
    const auto first = message(random);
    auto text = letter_of(first);
    std::size_t shortest = std::string::npos;
    std::size_t longest = 0;
    for (int round = 1; round <= 100; ++round) {
        const auto read = read_dead_letter(text);
        ASSERT_TRUE(read);
        Message again{first.position, read->key, read->payload, read->headers};
        again.position.offset += round;
        append_replay_headers(again.headers, {read->origin, read->replays + 1, read->attempts, read->first_failure});
        text = letter_of(again);
        shortest = std::min(shortest, text.size());
        longest = std::max(longest, text.size());
    }
    const auto last = read_dead_letter(text);
    EXPECT_EQ(last->origin, first.position);
    EXPECT_EQ(last->replays, 100);
    EXPECT_EQ(last->attempts, 303);
    EXPECT_LE(longest - shortest, 8u);
}

TEST(DeadLetterReader, NamesTheFieldsOfAnInvalidMessage) {
    std::mt19937_64 random(4);
    const auto sent = message(random);
    const auto error = invalid("The product is not valid.",
                               {{"price", "range", "price must be more than 0."}, {"name", "utf8", "\""}});
    const DeadLetter letter{sent, error, "invalid_argument", "group", "", 1, sent.position.time, sent.position.time};
    const auto whole = encode_dead_letter("dead-letter-queue", letter, Completeness::whole);
    EXPECT_EQ(read_dead_letter(*whole.value)->violations, error.violations);
    EXPECT_TRUE(whole.value->contains(R"("errors":[{"field":"price","code":"range","detail":)")) << *whole.value;
    const auto cut = encode_dead_letter("dead-letter-queue", letter, Completeness::cut);
    EXPECT_TRUE(read_dead_letter(*cut.value)->violations.empty());
}

TEST(DeadLetterReader, KeepsHeadersOfOurNamesThatMadeNoReplay) {
    std::mt19937_64 random(5);
    auto sent = message(random);
    sent.headers = {{event_header::origin, "x/0/y"},
                    {event_header::wait_id, "theirs"},
                    {event_header::replays, "7"},
                    {event_header::attempts, "8"},
                    {event_header::first_failure, "9"}};
    const auto foreign = sent.headers;
    auto read = read_dead_letter(letter_of(sent));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->headers, foreign);
    EXPECT_EQ(read->replays, 0) << "they are kept, and not believed";
    for (int round = 1; round <= 3; ++round) {
        auto again = original(*read);
        append_replay_headers(again.headers, {read->origin, read->replays + 1, read->attempts, read->first_failure});
        again.position.offset += round;
        EXPECT_EQ(lasting_headers(again), foreign);
        read = read_dead_letter(letter_of(again));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->headers, foreign);
        EXPECT_EQ(read->origin, sent.position);
        EXPECT_EQ(read->replays, round);
    }
}

TEST(Replay, TakesNoOriginFromAnotherTopicOrALaterTime) {
    Message copied{{{"create-product", 0}, 5, Timestamp{std::chrono::milliseconds{1'000}}}, {}, {}, {}};
    for (const char* origin :
         {"update-product/0/1/900", "create-product/0/1/1001", "create-product/0/-1/900", "create-product/00/1/900",
          "create-product/0/1", "/0/1/900", "", "create-product/1/1/900"}) {
        copied.headers = {{event_header::origin, origin}};
        EXPECT_FALSE(replay_of(copied)) << origin;
    }
    copied.headers = {{event_header::origin, "create-product/0/1/900"},
                      {event_header::replays, "99999999999999999999"},
                      {event_header::attempts, "-3"},
                      {event_header::first_failure, "1001"}};
    const auto replay = replay_of(copied);
    ASSERT_TRUE(replay);
    EXPECT_EQ(replay->replays, 0);
    EXPECT_EQ(replay->attempts, 0);
    EXPECT_FALSE(replay->first_failure);
}

}  // namespace
}  // namespace productd
