#include "runtime/open_files.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

namespace productd {
namespace {

using testing::HasSubstr;

TEST(OpenFiles, LeavesConnectionsThatFitAsTheyAre) {
    Config config;
    EXPECT_EQ(fit_connections(config, 100'000), "");
    EXPECT_EQ(config.http.limits.connections_max, Config().http.limits.connections_max);
    EXPECT_EQ(config.server.connections_max, Config().server.connections_max);
}

TEST(OpenFiles, SharesOutWhatThereIsAndSaysSo) {
    Config config;
    config.http.limits.connections_max = 3'000;
    config.server.connections_max = 1'000;
    const auto told = fit_connections(config, 1'024);
    EXPECT_THAT(told, HasSubstr("Http.ConnectionsMax 3000"));
    EXPECT_THAT(told, HasSubstr("1024 files"));
    const auto http = config.http.limits.connections_max;
    const auto grpc = config.server.connections_max;
    EXPECT_LT(http + grpc, 1'024U - 200U);
    EXPECT_NEAR(static_cast<double>(http), 3.0 * static_cast<double>(grpc), 3.0);
    EXPECT_THAT(told, HasSubstr(std::to_string(http) + " and " + std::to_string(grpc)));
}

TEST(OpenFiles, LeavesBothServersSomeWhereThereIsNextToNothing) {
    Config config;
    config.server.connections_max = 3;
    EXPECT_NE(fit_connections(config, 20), "");
    EXPECT_EQ(config.http.limits.connections_max, 8U);
    EXPECT_EQ(config.server.connections_max, 3U);
}

TEST(OpenFiles, RaisesTheLimitToTheHardOne) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit low{std::min<rlim_t>(256, before.rlim_max), before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(raise_open_files(), before.rlim_max);
    rlimit after{};
    getrlimit(RLIMIT_NOFILE, &after);
    EXPECT_EQ(after.rlim_cur, before.rlim_max);
    setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace productd
