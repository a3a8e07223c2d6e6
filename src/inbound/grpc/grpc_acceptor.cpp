// Listens, accepts and counts. Calls the sockets of the system itself: what Asio accepts would be in its reactor, from
// which gRPC would have to have it back.
#include "inbound/grpc/grpc_acceptor.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <future>

#include "inbound/grpc/grpc_port.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr int backlog = 4'096;
constexpr int accepted_at_once_max = 64;  // Then others have their turn on the thread.
constexpr std::chrono::milliseconds descriptors_pause{100};
constexpr std::chrono::milliseconds stalled_least{2'000};

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

Result<std::shared_ptr<GrpcAcceptor>> GrpcAcceptor::listen(const asio::any_io_executor& executor,
                                                           const std::string& address, std::uint16_t port,
                                                           const Limits& limits) {
    std::shared_ptr<GrpcAcceptor> acceptor(new GrpcAcceptor(executor, limits));
    if (const auto error = acceptor->open(address, port)) return fail(not_listening(address, port, error));
    acceptor->spare_ = open_spare();
    return acceptor;
}

GrpcAcceptor::~GrpcAcceptor() {
    if (spare_ >= 0) ::close(spare_);
}

/// On every address that a name stands for, and on the same port of each.
Code GrpcAcceptor::open(const std::string& address, std::uint16_t port) {
    Code error;
    tcp::resolver resolver(executor_);
    const auto found = resolver.resolve(address, std::to_string(port), asio::ip::resolver_base::passive, error);
    port_ = port;
    for (auto entry = found.begin(); !error && entry != found.end(); ++entry) {
        const tcp::endpoint endpoint(entry->endpoint().address(), port_);
        Acceptor acceptor(executor_);
        acceptor.open(endpoint.protocol(), error);
        if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error && found.size() > 1 && endpoint.address().is_v6())
            acceptor.set_option(asio::ip::v6_only(true), error);
        if (!error) acceptor.bind(endpoint, error);
        if (!error) acceptor.listen(backlog, error);
        if (!error) acceptor.native_non_blocking(true, error);
        if (!error) port_ = acceptor.local_endpoint(error).port();
        if (!error) acceptors_.push_back(std::move(acceptor));
    }
    return error;
}

void GrpcAcceptor::start(HandOver hand_over) {
    hand_over_ = std::move(hand_over);
    started_ = true;
    asio::post(executor_, [self = shared_from_this()] {
        for (auto& acceptor : self->acceptors_) self->wait(acceptor);  // None once it is closed.
    });
}

void GrpcAcceptor::stop() {
    if (std::exchange(stopped_, true)) return;
    // Who reads its metrics may keep this longer than the executor is there.
    const auto close = [this] {
        closed_ = true;
        acceptors_.clear();
        pause_.reset();
        if (spare_ >= 0) ::close(std::exchange(spare_, -1));
    };
    if (!started_) return close();
    std::promise<void> closed;
    asio::post(executor_, [&] {
        close();
        closed.set_value();
    });
    closed.get_future().wait();
}

void GrpcAcceptor::wait(Acceptor& acceptor) {
    acceptor.async_wait(tcp::acceptor::wait_read, [self = shared_from_this(), &acceptor](const Code& error) {
        if (error || self->closed_) return;
        self->accept_all(acceptor);
    });
}

void GrpcAcceptor::accept_all(Acceptor& acceptor) {
    for (int i = 0; i < accepted_at_once_max; ++i) {
        const int descriptor = ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            take(descriptor);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            return wait_for_descriptors(acceptor);
        } else if (errno != ECONNABORTED && errno != EINTR) {
            break;  // Nobody waits any more; what else there may be is told by the next wait.
        }
    }
    wait(acceptor);
}

/// Closes the one that waits first, so that its client need not find out, and goes on a little later.
void GrpcAcceptor::wait_for_descriptors(Acceptor& acceptor) {
    if (without_descriptor_++ == 0) {
        log::warn("A gRPC connection was closed, because the process has no descriptor for it",
                  {{"raise", "the limit of open files (ulimit -n)"}});
    }
    close_one(acceptor);
    pause_->expires_after(descriptors_pause);
    pause_->async_wait([self = shared_from_this(), &acceptor](const Code&) {
        if (!self->closed_) self->wait(acceptor);
    });
}

void GrpcAcceptor::close_one(Acceptor& acceptor) {
    if (spare_ >= 0) {
        ::close(spare_);
        const int descriptor = ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
        if (descriptor >= 0) ::close(descriptor);
    }
    spare_ = open_spare();
}

void GrpcAcceptor::take(int descriptor) {
    struct stat status{};
    if (!has_room() || ::fstat(descriptor, &status) != 0) {
        ::close(descriptor);
        ++without_place_;
        return;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A packet that is lost is sent again within that time; TCP's limit is in ms.
    const auto stalled_max = static_cast<unsigned>(std::max(limits_.stalled_max, stalled_least).count());
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &stalled_max, sizeof stalled_max);
    {
        const std::scoped_lock lock(mutex_);
        connections_.push_back({descriptor, status.st_ino});
    }
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
    parameters.listener_fd = -1;
    parameters.fd = descriptor;
    hand_over_->HandleNewConnection(&parameters);
}

/// Looks only when it seems full: a microsecond or less a connection.
bool GrpcAcceptor::has_room() {
    {
        const std::scoped_lock lock(mutex_);
        if (connections_.size() < limits_.connections_max) return true;
    }
    return connections() < limits_.connections_max;
}

std::size_t GrpcAcceptor::connections() const {
    const std::scoped_lock lock(mutex_);
    std::erase_if(connections_, [](const Connection& connection) {
        struct stat status{};
        return ::fstat(connection.descriptor, &status) != 0 || status.st_ino != connection.socket;
    });
    return connections_.size();
}

std::vector<prometheus::MetricFamily> GrpcAcceptor::Collect() const {
    Scrape scrape;
    scrape.gauge("productd_grpc_connections", "Open connections.", connections());
    prometheus::MetricFamily rejected{
        "productd_grpc_rejected_total", "Connections closed at once, by reason.", prometheus::MetricType::Counter, {}};
    for (const auto& [reason, count] :
         {std::pair{"connections", without_place_.load()}, {"descriptors", without_descriptor_.load()}}) {
        prometheus::ClientMetric metric;
        metric.label = {{"reason", reason}};
        metric.counter.value = static_cast<double>(count);
        rejected.metric.push_back(std::move(metric));
    }
    scrape.families.push_back(std::move(rejected));
    return std::move(scrape.families);
}

}  // namespace productd
