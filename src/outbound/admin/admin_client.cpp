// Speaks HTTP/1.1 over a Unix socket with the service that has the data folder. Calls Beast and admin_log_json.
#include "outbound/admin/admin_client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "outbound/admin/admin_log_json.hpp"

namespace productd {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using Local = asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::size_t path_bytes_max = 107;  // A Unix socket's address, less its end.

/// The driver's errors in our words.
Error translated(const error_code& error, const std::filesystem::path& socket) {
    if (error == boost::system::errc::permission_denied) {
        return {Errc::permission_denied,
                fmt::format("{} belongs to another user; run this as the service's user.", socket.string())};
    }
    if (error == http::error::body_limit) {
        return {Errc::resource_exhausted, "The running service answered more than is read at once."};
    }
    return unavailable("No service answers on this data folder; start it, or try again.", error.message());
}

/// Who listens at the other end; nothing when the kernel does not tell.
std::optional<ucred> peer_of(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
    return peer;
}

bool connect(Local::socket& socket, const std::filesystem::path& path) {
    if (path.string().size() > path_bytes_max) return false;
    error_code error;
    socket.connect(Local::endpoint(path.string()), error);
    return !error;
}

/// Whether to speak to whoever listens: who may write to the folder can put a socket of his own there. For root the
/// service is the folder owner's.
Result<> check_peer(int socket, const std::filesystem::path& path) {
    const auto peer = peer_of(socket);
    const auto user = peer ? peer->uid : uid_t{};
    struct stat folder{};
    const bool is_owned = ::stat(path.parent_path().c_str(), &folder) == 0 && folder.st_uid == user;
    const bool is_ours = user == ::geteuid() || (::geteuid() == 0 && is_owned);
    if (peer && (user == 0 || is_ours)) return {};
    return fail(Errc::permission_denied,
                fmt::format("{} is held by a process of user {}, who is not the service's: it is not spoken to.",
                            path.string(), user));
}

/// One request and its answer on a connection of its own.
Task<std::string> exchange(AdminClientSettings settings, http::request<http::string_body> request) {
    if (settings.socket.string().size() > path_bytes_max) {
        co_return fail(Errc::failed_precondition,
                       "The path of the data folder is too long for a socket; set Data.Dir to a shorter one.");
    }
    auto executor = co_await asio::this_coro::executor;
    error_code error;
    Local::socket socket(executor);
    co_await socket.async_connect(Local::endpoint(settings.socket.string()),
                                  asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fail(translated(error, settings.socket));
    if (auto trusted = check_peer(socket.native_handle(), settings.socket); !trusted) {
        co_return fail(std::move(trusted).error());
    }
    co_await http::async_write(socket, request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fail(translated(error, settings.socket));
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(settings.answer_bytes_max);
    co_await http::async_read(socket, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fail(translated(error, settings.socket));
    auto& response = parser.get();
    if (response.result() != http::status::ok) co_return fail(admin_log_json::error(response.body()));
    co_return std::move(response.body());
}

}  // namespace

bool service_listens(const std::filesystem::path& socket) {
    asio::io_context context;
    Local::socket probe(context);
    return connect(probe, socket);
}

std::optional<pid_t> service_process(const std::filesystem::path& socket) {
    asio::io_context context;
    Local::socket probe(context);
    const auto peer = connect(probe, socket) ? peer_of(probe.native_handle()) : std::nullopt;
    if (!peer || peer->pid <= 0) return std::nullopt;  // Another namespace's process has no number here.
    return peer->pid;
}

Task<std::string> AdminClient::call(Method method, std::string target, std::string body) {
    http::request<http::string_body> request(method == Method::get ? http::verb::get : http::verb::post, target, 11);
    request.set(http::field::host, "localhost");
    request.set(http::field::connection, "close");
    if (method == Method::post) request.set(http::field::content_type, "application/json");
    request.body() = std::move(body);
    request.prepare_payload();
    auto answer = exchange(settings_, std::move(request));
    co_return co_await within(Deadline::clock::now() + settings_.timeout, std::move(answer));
}

}  // namespace productd
