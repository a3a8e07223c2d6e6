#include "runtime/health/listeners_check.hpp"

#include <gmock/gmock.h>

#include <array>
#include <boost/asio/read.hpp>
#include <thread>

#include "fakes/await.hpp"

namespace productd {
namespace {

using asio::ip::tcp;
using testing::HasSubstr;

class ListenersCheckTest : public testing::Test {
protected:
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    asio::io_context context_;
    tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    ListenersCheck listeners_;
};

TEST_F(ListenersCheckTest, PassesWhereWhoComesIsAcceptedAndReadTo) {
    std::jthread server([this] {
        for (int i = 0; i < 2; ++i) {
            auto socket = acceptor_.accept();
            std::array<char, 1> nothing{};
            boost::system::error_code error;
            asio::read(socket, asio::buffer(nothing), error);
            EXPECT_EQ(error, asio::error::eof);
        }
    });
    for (const auto* host : {"127.0.0.1", "0.0.0.0"}) listeners_.watch("REST", host, port());
    EXPECT_TRUE(await(listeners_.check()));
}

TEST_F(ListenersCheckTest, FailsWhereNobodyAcceptsThoughTheSystemConnects) {
    listeners_.watch("gRPC", "127.0.0.1", port());
    const auto checked = await(listeners_.check());
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Errc::unavailable);
    EXPECT_THAT(checked.error().detail, HasSubstr("The gRPC listener on port " + std::to_string(port())));
}

TEST_F(ListenersCheckTest, FailsWhereNobodyListens) {
    const auto gone = port();
    acceptor_.close();
    listeners_.watch("REST", "127.0.0.1", gone);
    EXPECT_FALSE(await(listeners_.check()));
}

}  // namespace
}  // namespace productd
