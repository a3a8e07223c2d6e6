// Runs the tests of Kafka, or skips all of them loudly where there is no broker. In CI there has to be one.
#include <gtest/gtest.h>

#include "stack/kafka_server.hpp"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    // Listing them needs no server: that is how CMake learns their names.
    if (GTEST_FLAG_GET(list_tests) || productd::test::kafka_answers()) return RUN_ALL_TESTS();
    std::cout << "SKIPPED: kafka IS NOT RUNNING; start it with `make stack-up`\n";
    constexpr int skipped = 77;                         // As CMake is told.
    return std::getenv("CI") != nullptr ? 1 : skipped;  // NOLINT(concurrency-mt-unsafe): one thread.
}
