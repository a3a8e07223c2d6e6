#include "runtime/service_manager.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>

#include "fakes/log_lines.hpp"
#include "fakes/temp_folder.hpp"

namespace productd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

/// What a manager listens on; `name` as in NOTIFY_SOCKET.
class Manager {
public:
    explicit Manager(const std::string& name) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        name.copy(std::begin(at.sun_path), sizeof(at.sun_path) - 1);
        if (name.front() == '@') at.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&at), length), 0);
    }
    ~Manager() { ::close(socket_); }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    /// What was told next; empty when nothing was.
    std::string next() const {
        std::array<char, 512> told{};
        const auto length = ::recv(socket_, told.data(), told.size(), MSG_DONTWAIT);
        return length < 0 ? "" : std::string(told.data(), static_cast<std::size_t>(length));
    }

private:
    int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST(ServiceManager, IsToldOfALifeInItsOrder) {
    const TempFolder folder;
    const Manager manager((folder / "notify").string());
    const ServiceManager told({{"HOME", "/"}, {"NOTIFY_SOCKET", (folder / "notify").string()}});
    told.started("Serving");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=Serving");
    told.reload_begins();
    EXPECT_THAT(manager.next(), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
    told.reload_ends();
    EXPECT_EQ(manager.next(), "READY=1");
    told.stopping(std::chrono::seconds(15));
    EXPECT_THAT(manager.next(), MatchesRegex("STOPPING=1\nSTATUS=.*\nEXTEND_TIMEOUT_USEC=20000000"));
}

TEST(ServiceManager, IsFoundByAnAbstractName) {
    const auto name = "@productd-test-" + std::to_string(::getpid());
    const Manager manager(name);
    ServiceManager({{"NOTIFY_SOCKET", name}}).reload_ends();
    EXPECT_EQ(manager.next(), "READY=1");
}

TEST(ServiceManager, ThatDidNotAskIsNotTold) {
    const auto lines = test::log_lines([] { ServiceManager({{"HOME", "/"}}).started("Serving"); });
    EXPECT_THAT(lines, IsEmpty());
}

TEST(ServiceManager, ThatDoesNotHearIsAWarning) {
    const auto too_long = std::string(200, '/');
    for (const auto& address : std::vector<std::string>{"/nowhere/notify", "vsock:2:1234", too_long}) {
        const auto lines = test::log_lines([&] { ServiceManager({{"NOTIFY_SOCKET", address}}).started("Serving"); });
        EXPECT_THAT(lines, ElementsAre(AllOf(HasSubstr(R"("state":"READY=1")"), HasSubstr(address))));
    }
}

}  // namespace
}  // namespace productd
