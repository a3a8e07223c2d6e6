// Runs the tests of several instances, or skips all of them loudly where a server is missing. In CI there have to be.
#include <gtest/gtest.h>

#include "stack/mongo_server.hpp"
#include "stack/redis_server.hpp"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    // Listing them needs no server: that is how CMake learns their names.
    const bool all_answer = productd::test::mongo_answers() && productd::test::redis_answers();
    if (GTEST_FLAG_GET(list_tests) || all_answer) return RUN_ALL_TESTS();
    std::cout << "SKIPPED: redis or mongodb IS NOT RUNNING; start them with `make stack-up`\n";
    constexpr int skipped = 77;                         // As CMake is told.
    return std::getenv("CI") != nullptr ? 1 : skipped;  // NOLINT(concurrency-mt-unsafe): one thread.
}
