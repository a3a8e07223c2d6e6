// What is an address, and what is none.
#include "runtime/config/host_and_port.hpp"

#include <gtest/gtest.h>

#include <array>

namespace productd {
namespace {

TEST(HostAndPort, SplitsAtTheLastColonAndTakesBracketsOff) {
    for (const auto& [text, host, port] : {std::array{"localhost:6379", "localhost", "6379"},
                                           {"10.0.0.7:1", "10.0.0.7", "1"},
                                           {"[::1]:9092", "::1", "9092"}}) {
        const auto found = host_and_port(text);
        ASSERT_TRUE(found) << text;
        EXPECT_EQ(found->host, host);
        EXPECT_EQ(found->port, port);
    }
}

TEST(HostAndPort, IsNothingWithoutAHostOrANumberForAPort) {
    for (const auto* text : {"", ":", "localhost", ":6379", "localhost:", "localhost:redis", "localhost:123456",
                             "redis://localhost:6379"}) {
        EXPECT_FALSE(host_and_port(text)) << text;
    }
}

}  // namespace
}  // namespace productd
