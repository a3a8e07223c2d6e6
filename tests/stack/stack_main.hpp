// The main() of tests that need servers of the stack: runs them, or skips all of them loudly without. In CI they have
// to be there.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace productd::test {

/// `answer` says whether the servers, named as a person would, do.
template <class Answer>
int run_or_skip(int argc, char** argv, const std::string& servers, Answer answer) {
    testing::InitGoogleTest(&argc, argv);
    // Listing them needs no server: that is how CMake learns their names.
    if (GTEST_FLAG_GET(list_tests) || answer()) return RUN_ALL_TESTS();
    std::cout << "SKIPPED: " << servers << " IS NOT RUNNING; start with `make stack-up`\n";
    constexpr int skipped = 77;                         // As CMake is told.
    return std::getenv("CI") != nullptr ? 1 : skipped;  // NOLINT(concurrency-mt-unsafe): one thread.
}

}  // namespace productd::test
