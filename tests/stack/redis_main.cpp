// Runs the tests of Redis, or skips all of them loudly where there is no server. In CI there has to be one.
#include <gtest/gtest.h>

#include "stack/redis_server.hpp"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    // Listing them needs no server: that is how CMake learns their names.
    if (GTEST_FLAG_GET(list_tests) || productd::test::redis_answers()) return RUN_ALL_TESTS();
    std::cout << "SKIPPED: redis IS NOT RUNNING; start it with `make stack-up`\n";
    constexpr int skipped = 77;                         // As CMake is told.
    return std::getenv("CI") != nullptr ? 1 : skipped;  // NOLINT(concurrency-mt-unsafe): one thread.
}
