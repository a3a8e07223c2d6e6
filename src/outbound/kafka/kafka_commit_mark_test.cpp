#include "outbound/kafka/kafka_commit_mark.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace productd {
namespace {

constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto most = std::numeric_limits<std::int64_t>::max();

const std::string of_worker = "3;12345678;1700000000000;2+3";

TEST(KafkaCommitMarkText, IsReadAsItWasWritten) {
    for (const auto mark : {StoreMark{1, 0}, StoreMark{least, most}, StoreMark{-1, 42}}) {
        const auto kept = with_mark({{7, of_worker}, mark});
        EXPECT_TRUE(check_metadata(kept)) << "ASCII";
        const auto read = marked_commit(kept);
        EXPECT_EQ(read.commit.offset, 7);
        EXPECT_EQ(read.commit.metadata, of_worker);
        EXPECT_EQ(read.store, mark);
    }
}

TEST(KafkaCommitMarkText, CommitsWithoutAMarkAreReadAsTheyAre) {
    for (const auto& metadata : {std::string(), of_worker, std::string(50, '@'), std::string(4'096, '~')}) {
        EXPECT_EQ(with_mark({{7, metadata}, std::nullopt}).metadata, metadata);
        const auto read = marked_commit({7, metadata});
        EXPECT_EQ(read.commit.metadata, metadata);
        EXPECT_EQ(read.store, std::nullopt);
    }
}

TEST(KafkaCommitMarkText, IsNotBelievedWhereItIsDamagedOrAnotherCommits) {
    const auto text = with_mark({{7, ""}, StoreMark{1, 2}}).metadata;
    EXPECT_TRUE(marked_commit({7, text}).store);
    EXPECT_FALSE(marked_commit({8, text}).store);
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto damaged = text;
        damaged[i] = damaged[i] == '0' ? '1' : '0';
        EXPECT_FALSE(marked_commit({7, damaged}).store) << i;
    }
}

TEST(KafkaCommitMark, WhatTheStoreDoesNotHaveStaysBehindTheCommits) {
    KafkaCommitMark mark;
    StoreMark now{5, 10};
    mark.rest_on([&] { return now; });
    EXPECT_EQ(mark.behind(std::nullopt), now) << "a commit of before marks";
    EXPECT_EQ(mark.behind(StoreMark{5, 9}), now);
    EXPECT_EQ(mark.behind(StoreMark{5, 11}), (StoreMark{5, 11})) << "an older file";
    EXPECT_EQ(mark.behind(StoreMark{4, 1}), (StoreMark{4, 1})) << "another file";
}

TEST(KafkaCommitMark, AServersStoreMarksNothingButWhereAFileHadBeen) {
    const KafkaCommitMark mark;
    EXPECT_EQ(mark.behind(std::nullopt), std::nullopt);
    const auto after = mark.behind(StoreMark{5, 10});
    ASSERT_TRUE(after);
    EXPECT_FALSE((StoreMark{5, 1'000'000}.has(*after))) << "the file lacks what the server was given meanwhile";
}

}  // namespace
}  // namespace productd
