// What doctor finds of ports and addresses, and whose they are.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "cli/doctor/doctor_fixture.hpp"
#include "fakes/other_user.hpp"

namespace productd {
namespace {

using testing::Contains;
using testing::Each;
using testing::Field;

/// Has none of our sockets, and ends when we let it.
class AnotherProcess {
public:
    /// `become` is what it does before the constructor returns.
    explicit AnotherProcess(void (*become)() = [] {}) {
        std::array<int, 2> done{};
        if (::pipe(ends_.data()) != 0 || ::pipe(done.data()) != 0) throw std::runtime_error("no pipe");
        pid_ = ::fork();
        char nothing = 0;
        if (pid_ != 0) {
            ::close(done[1]);
            static_cast<void>(::read(done[0], &nothing, 1));
            ::close(done[0]);
            return;
        }
        become();
        ::close(done[1]);
        ::close(ends_[1]);
        _exit(static_cast<int>(::read(ends_[0], &nothing, 1)));
    }
    ~AnotherProcess() {
        ::close(ends_[0]);
        ::close(ends_[1]);
        ::waitpid(pid_, nullptr, 0);
    }
    AnotherProcess(const AnotherProcess&) = delete;
    AnotherProcess& operator=(const AnotherProcess&) = delete;

    pid_t pid() const { return pid_; }

private:
    std::array<int, 2> ends_{};
    pid_t pid_ = 0;
};

TEST_F(DoctorTest, FindsAPortInUseUnlessAServiceRunsHere) {
    boost::asio::io_context context;
    const boost::asio::ip::tcp::acceptor other(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
    environment_[1].second = std::to_string(other.local_endpoint().port());
    EXPECT_THAT(look(&check_ports), Contains(finding(Verdict::fail, "choose another port with --http-port")));
    const auto ours = look(&check_ports, getpid());
    EXPECT_THAT(ours, Each(Field(&Finding::verdict, Verdict::ok)));
    EXPECT_THAT(ours, Contains(finding(Verdict::ok, "is in use by the service that runs on this data folder.")));
}

TEST_F(DoctorTest, FindsAPortOfAnotherProcessThanTheServiceThatRunsHere) {
    const AnotherProcess service;
    boost::asio::io_context context;
    const boost::asio::ip::tcp::acceptor other(context, {boost::asio::ip::make_address("::1"), 0});
    environment_[1].second = std::to_string(other.local_endpoint().port());
    set("PRODUCTD_HTTP_ADDRESS", "::1");
    EXPECT_THAT(look(&check_ports, service.pid()),
                Contains(finding(Verdict::fail, "is in use, and not by the service that runs on this data folder")));
}

TEST_F(DoctorTest, SaysWhenItCannotBeSeenWhosePortItIs) {
    boost::asio::io_context context;
    const boost::asio::ip::tcp::acceptor other(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
    environment_[1].second = std::to_string(other.local_endpoint().port());
    EXPECT_TRUE(holds_for_an_ordinary_user([this] {
        constexpr pid_t of_another_user = 1;
        const auto findings = look(&check_ports, of_another_user);
        return testing::Matches(Contains(finding(Verdict::warn, "whether by the service")))(findings);
    }));
}

/// An ordinary user's process that may more than that user: as with PrivateUsers of systemd, its folder in /proc can be
/// read, and not what is in there.
void shut_off_from_its_own_user() {
    constexpr uid_t nobody = 65534;
    ::prctl(PR_SET_KEEPCAPS, 1);
    static_cast<void>(::setgid(nobody) == 0 && ::setuid(nobody) == 0);
    ::prctl(PR_SET_DUMPABLE, 1);
}

TEST_F(DoctorTest, SaysTheSameOfAServiceThatIsShutOffFromItsOwnUser) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can make such a process";
    const AnotherProcess service(&shut_off_from_its_own_user);
    boost::asio::io_context context;
    const boost::asio::ip::tcp::acceptor other(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
    environment_[1].second = std::to_string(other.local_endpoint().port());
    EXPECT_TRUE(holds_for_an_ordinary_user([&] {
        const auto findings = look(&check_ports, service.pid());
        return testing::Matches(Contains(finding(Verdict::warn, "whether by the service")))(findings);
    }));
}

TEST_F(DoctorTest, FindsAnAddressThatIsNotOfThisMachine) {
    environment_[1].second = "1";
    set("PRODUCTD_HTTP_ADDRESS", "nowhere");
    EXPECT_THAT(look(&check_ports), Contains(finding(Verdict::fail, "check Http.Port and its Address")));
}

}  // namespace
}  // namespace productd
