// Kafka's own vectors, so that a key lands on one partition whoever produces it.
#include "codec/murmur2.hpp"

#include <gtest/gtest.h>

#include <string>

namespace productd {
namespace {

// clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2.
TEST(Murmur2, HashesAsKafkasClientDoes) {
    EXPECT_EQ(murmur2("21"), -973932308);
    EXPECT_EQ(murmur2("foobar"), -790332482);
    EXPECT_EQ(murmur2("a-little-bit-long-string"), -985981536);
    EXPECT_EQ(murmur2("a-little-bit-longer-string"), -1486304829);
    EXPECT_EQ(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
    EXPECT_EQ(murmur2("abc"), 479470107);
}

// rdmurmur2.c of librdkafka, unittest_murmur2: already made positive.
TEST(Murmur2, HashesAsLibrdkafkaDoes) {
    EXPECT_EQ(murmur2("kafka") & 0x7fffffff, 0xd067cf64 & 0x7fffffff);
    EXPECT_EQ(murmur2("giberish123456789") & 0x7fffffff, 0x8f552b0c & 0x7fffffff);
    EXPECT_EQ(murmur2("1234") & 0x7fffffff, 0x9fc97b14 & 0x7fffffff);
    EXPECT_EQ(murmur2("234") & 0x7fffffff, 0xe7c009ca & 0x7fffffff);
    EXPECT_EQ(murmur2("34") & 0x7fffffff, 0x873930da & 0x7fffffff);
    EXPECT_EQ(murmur2("4") & 0x7fffffff, 0x5a4b5ca1 & 0x7fffffff);
    EXPECT_EQ(murmur2("PreAmbleWillBeRemoved,ThePrePartThatIs") & 0x7fffffff, 0x78424f1c & 0x7fffffff);
    EXPECT_EQ(murmur2("reAmbleWillBeRemoved,ThePrePartThatIs") & 0x7fffffff, 0x4a62b377 & 0x7fffffff);
    EXPECT_EQ(murmur2("eAmbleWillBeRemoved,ThePrePartThatIs") & 0x7fffffff, 0xe0e4e09e & 0x7fffffff);
    EXPECT_EQ(murmur2("AmbleWillBeRemoved,ThePrePartThatIs") & 0x7fffffff, 0x62b8b43f & 0x7fffffff);
    EXPECT_EQ(murmur2("") & 0x7fffffff, 0x106e08d9 & 0x7fffffff);
}

TEST(Murmur2, GivesEveryKeyAPartitionThatIsThere) {
    for (int i = 0; i < 10'000; ++i) {
        const auto partition = partition_of("key-" + std::to_string(i), 3);
        ASSERT_GE(partition, 0);
        ASSERT_LT(partition, 3);
    }
}

}  // namespace
}  // namespace productd
