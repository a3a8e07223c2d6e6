#include "tracing/trace_context.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

const std::string id = "0af7651916cd43dd8448eb211c80319c";
const std::string whole = "00-" + id + "-b7ad6b7169203331-01";

TEST(TraceContext, ComesBackAsItWasSent) {
    EXPECT_EQ(traceparent(parse_traceparent(whole)), whole);
    EXPECT_TRUE(parse_traceparent(whole).is_sampled);
    const auto unsampled = whole.substr(0, 54) + '0';
    EXPECT_EQ(traceparent(parse_traceparent(unsampled)), unsampled);
    EXPECT_FALSE(parse_traceparent(unsampled).is_sampled);
    EXPECT_EQ(trace_id(parse_traceparent(whole)), id);
}

TEST(TraceContext, OfALaterVersionIsReadAsFarAsVersionZeroGoes) {
    EXPECT_EQ(traceparent(parse_traceparent("01" + whole.substr(2))), whole);
    EXPECT_EQ(traceparent(parse_traceparent("01" + whole.substr(2) + "-more")), whole);
    EXPECT_EQ(traceparent(parse_traceparent("01" + whole.substr(2, 51) + "03")), whole) << "flags nobody knows yet";
}

TEST(TraceContext, WhatIsNoneIsNone) {
    auto upper = whole, unmarked = whole, no_trace = whole, no_span = whole;
    upper[5] = 'F';
    unmarked[35] = 'a';
    no_trace.replace(3, 32, 32, '0');
    no_span.replace(36, 16, 16, '0');
    for (const auto& other : {std::string(), whole.substr(1), whole.substr(0, 54), upper, unmarked, no_trace, no_span,
                              "ff" + whole.substr(2), whole + "-more", "01" + whole.substr(2) + "more"}) {
        EXPECT_FALSE(parse_traceparent(other).is_valid()) << other;
        EXPECT_EQ(traceparent(parse_traceparent(other)), "") << other;
        EXPECT_EQ(trace_id(parse_traceparent(other)), "") << other;
    }
}

TEST(TraceContext, ChildrenOfOneParentDifferByTheirSaltAlone) {
    const auto parent = parse_traceparent(whole);
    EXPECT_EQ(child_of(parent, 1), child_of(parent, 1));
    EXPECT_NE(child_of(parent, 1).span, child_of(parent, 2).span);
    EXPECT_NE(child_of(parent, 1).span, parent.span);
    EXPECT_EQ(child_of(parent, 1).trace, parent.trace);
    EXPECT_TRUE(child_of(parent, 1).is_sampled);
}

}  // namespace
}  // namespace productd
