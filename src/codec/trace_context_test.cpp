#include "codec/trace_context.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

const std::string id = "0af7651916cd43dd8448eb211c80319c";
const std::string whole = "00-" + id + "-b7ad6b7169203331-01";

TEST(TraceContext, TravelsOnlyInTheFormOfVersionZero) {
    EXPECT_EQ(traceparent_or_empty(whole), whole);
    for (const auto& other : {std::string(), std::string("00-trace"), whole + "-more", "01" + whole.substr(2)}) {
        EXPECT_EQ(traceparent_or_empty(other), "") << other;
    }
}

TEST(TraceContext, TheIdIsFoundInLaterVersionsToo) {
    EXPECT_EQ(trace_id(whole), id);
    EXPECT_EQ(trace_id("01" + whole.substr(2) + "-more"), id);
}

TEST(TraceContext, WhatIsNoTraceHasNoId) {
    auto upper = whole;
    upper[5] = 'F';
    auto unmarked = whole;
    unmarked[35] = 'a';
    for (const auto& other : {std::string(), whole.substr(1), whole.substr(0, 54), upper, unmarked}) {
        EXPECT_EQ(trace_id(other), "") << other;
    }
}

}  // namespace
}  // namespace productd
