// A datagram for each state, as sd_notify(3) describes them. Calls the kernel.
#include "runtime/service_manager.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "telemetry/log.hpp"

namespace productd {

namespace {

/// Beyond what a stop may take: for the last lines of the log, and a machine that is busy.
constexpr std::chrono::seconds stop_grace{5};

/// 0, or what errno says.
int send_to(const std::string& address, const std::string& state) {
    sockaddr_un to{};
    // Only a path or, behind '@', an abstract name is of this family, and the manager has no other.
    if (address.size() >= sizeof(to.sun_path)) return ENAMETOOLONG;
    if (address.front() != '/' && address.front() != '@') return EAFNOSUPPORT;
    to.sun_family = AF_UNIX;
    std::ranges::copy(address, std::begin(to.sun_path));
    if (address.front() == '@') to.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());

    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) return errno;
    const auto* generic = reinterpret_cast<const sockaddr*>(&to);
    const auto sent = ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, generic, length);
    const int failed = sent < 0 ? errno : 0;
    ::close(socket);
    return failed;
}

/// What the manager compares with its own clock, CLOCK_MONOTONIC.
std::int64_t now_usec() {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

ServiceManager::ServiceManager(const std::vector<std::pair<std::string, std::string>>& environment) {
    const auto found = std::ranges::find(environment, "NOTIFY_SOCKET", &std::pair<std::string, std::string>::first);
    if (found != environment.end()) address_ = found->second;
}

void ServiceManager::started(const std::string& status) const { tell("READY=1\nSTATUS=" + status); }
void ServiceManager::reload_begins() const { tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now_usec())); }
void ServiceManager::reload_ends() const { tell("READY=1"); }

void ServiceManager::stopping(std::chrono::milliseconds limit) const {
    tell(fmt::format("STOPPING=1\nSTATUS=Finishing what is in flight\nEXTEND_TIMEOUT_USEC={}",
                     std::chrono::microseconds(limit + stop_grace).count()));
}

void ServiceManager::tell(const std::string& state) const {
    if (address_.empty()) return;
    const int failed = send_to(address_, state);
    if (failed == 0) return;
    log::warn(
        "The service manager cannot be told of the state of the service",
        {{"state", state.substr(0, state.find('\n'))}, {"notify_socket", address_}, {"error", std::strerror(failed)}});
}

}  // namespace productd
