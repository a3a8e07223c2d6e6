#include "domain/error_text.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

std::string line(const std::string& detail, const std::string& cause) {
    return with_cause(Error{Errc::unavailable, detail, {}, cause});
}

TEST(ErrorText, ACauseThatIsASentenceStandsBehindWhatFailedAndAnyOtherInBrackets) {
    EXPECT_EQ(line("Redis is gone.", "127.0.0.1:1: Connection refused"),
              "Redis is gone. (127.0.0.1:1: Connection refused)");
    EXPECT_EQ(line("Products are missing.", "store.db is older. Run `productd rebuild`."),
              "Products are missing. store.db is older. Run `productd rebuild`.");
}

TEST(ErrorText, WhatIsNotKnownLeavesNoTrace) {
    EXPECT_EQ(line("Redis is gone.", ""), "Redis is gone.");
    EXPECT_EQ(line("", "Connection refused"), "Connection refused");
    EXPECT_EQ(line("", ""), "");
}

}  // namespace
}  // namespace productd
