// Addresses that can be had, and one sentence about those that cannot.
#include "inbound/http/http_listen.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "inbound/http/http_fixture.hpp"

namespace productd {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string failure(const HttpServerSettings& settings) {
    asio::io_context context;
    auto acceptor = listen(context.get_executor(), settings);
    return acceptor ? "" : acceptor.error().detail;
}

HttpServerSettings unix_settings(const std::filesystem::path& path) {
    auto settings = test_settings();
    settings.unix_socket = path;
    settings.address_setting = "Admin.socket";
    return settings;
}

TEST(HttpListen, SaysWhichPortIsInUseAndWhatToDo) {
    TestServer server(&echo);
    auto settings = test_settings();
    settings.port = server.server().port();
    EXPECT_EQ(failure(settings), "Port " + std::to_string(settings.port) +
                                     " on 127.0.0.1 is in use: stop what listens there, or choose another with "
                                     "--http-port.");
}

TEST(HttpListen, SaysThatAHostIsNotHere) {
    auto settings = test_settings();
    settings.host = "192.0.2.1";  // TEST-NET-1: nobody's.
    EXPECT_THAT(failure(settings), AllOf(HasSubstr("192.0.2.1"), HasSubstr("set Http.Address to")));
}

TEST(HttpListen, TakesANameForAHost) {
    auto settings = test_settings();
    settings.host = "localhost";
    EXPECT_EQ(failure(settings), "");
}

TEST(HttpListen, ServesAUnixSocketForItsOwnerOnly) {
    const TempFolder folder;
    const auto path = folder / "admin.sock";
    {
        TestServer server(&echo, unix_settings(path));
        EXPECT_EQ(server.server().port(), 0);
        struct stat status{};
        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600u);
        auto client = RawClient::unix_socket(path);
        client.send("GET /x HTTP/1.1\r\nHost: test\r\n\r\n");
        EXPECT_EQ(client.receive().value().body, "GET /x ");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(HttpListen, ReplacesASocketLeftBehind) {
    const TempFolder folder;
    const auto path = folder / "admin.sock";
    {
        asio::io_context context;
        const auto left = listen(context.get_executor(), unix_settings(path));
        ASSERT_TRUE(left.has_value());
    }
    ASSERT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(failure(unix_settings(path)), "");
}

TEST(HttpListen, LeavesAloneASocketInUseAndAFileThatIsNone) {
    const TempFolder folder;
    const auto path = folder / "admin.sock";
    TestServer server(&echo, unix_settings(path));
    EXPECT_THAT(failure(unix_settings(path)), AllOf(HasSubstr("in use"), HasSubstr("Admin.socket")));
    std::ofstream(folder / "file") << "precious";
    EXPECT_THAT(failure(unix_settings(folder / "file")), HasSubstr("is no socket"));
    EXPECT_TRUE(std::filesystem::exists(folder / "file"));
}

TEST(HttpListen, RefusesAPathThatIsTooLong) {
    EXPECT_THAT(failure(unix_settings("/tmp/" + std::string(120, 'x'))), HasSubstr("longer than the 107 bytes"));
}

}  // namespace
}  // namespace productd
