// Speaks HTTP/1.1 over a Unix socket with the service that has the data folder. Calls Beast and admin_log_json.
#include "outbound/admin/admin_message_log.hpp"

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
Task<std::string> exchange(AdminLogSettings settings, http::request<http::string_body> request) {
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

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return encoded;
}

/// Who subscribes over this socket is told so at the first event.
class NoSubscription : public Subscription {
public:
    Task<SubscriptionEvent> next(FetchRoom) override { co_return fail(refused()); }
    Task<> commit(TopicPartition, Commit) override { co_return fail(refused()); }
    void hold(const TopicPartition&) override {}
    void resume(const TopicPartition&) override {}
    void released(const std::vector<TopicPartition>&) override {}
    void close() override {}

private:
    static Error refused() { return {Errc::unimplemented, "A consumer group cannot be joined over the admin socket."}; }
};

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

Task<std::string> AdminMessageLog::call(Method method, std::string target, std::string body) {
    http::request<http::string_body> request(method == Method::get ? http::verb::get : http::verb::post, target, 11);
    request.set(http::field::host, "localhost");
    request.set(http::field::connection, "close");
    if (method == Method::post) request.set(http::field::content_type, "application/json");
    request.body() = std::move(body);
    request.prepare_payload();
    auto answer = exchange(settings_, std::move(request));
    co_return co_await within(Deadline::clock::now() + settings_.timeout, std::move(answer));
}

Task<std::vector<Result<Position>>> AdminMessageLog::publish(std::vector<Record> records) {
    std::vector<Result<Position>> outcomes;
    for (std::size_t next = 0; next < records.size();) {
        std::string body = "[";
        const auto first = next;
        while (next < records.size() && (next == first || body.size() < settings_.request_bytes_max)) {
            if (next > first) body += ',';
            body += admin_log_json::text(records[next++]);
        }
        auto answer = co_await call(Method::post, "/admin/log/messages", body + ']');
        auto some = answer ? admin_log_json::outcomes(*answer) : fail(answer.error());
        if (some && some->size() != next - first)
            some = fail(Errc::internal, "The running service answered too little.");
        if (!some && first == 0) co_return fail(some.error());
        for (auto i = first; i < next; ++i) outcomes.push_back(some ? (*some)[i - first] : fail(some.error()));
    }
    co_return outcomes;
}

std::unique_ptr<Subscription> AdminMessageLog::subscribe(std::string, std::vector<std::string>, asio::any_io_executor) {
    return std::make_unique<NoSubscription>();
}

Task<std::vector<Message>> AdminMessageLog::read(TopicPartition source, std::int64_t from, std::size_t max) {
    std::vector<Message> found;
    while (found.size() < max) {
        const auto target = fmt::format("/admin/log/messages?topic={}&partition={}&from={}&max={}",
                                        percent_encoded(source.topic), source.partition, from, max - found.size());
        auto answer = co_await call(Method::get, target, {});
        if (!answer) co_return fail(std::move(answer).error());
        auto some = admin_log_json::messages(*answer);
        if (!some) co_return fail(std::move(some).error());
        if (some->empty()) break;
        from = some->back().position.offset + 1;
        std::ranges::move(*some, std::back_inserter(found));
    }
    co_return found;
}

Task<> AdminMessageLog::trim(TopicPartition source, std::int64_t before) {
    auto answer = co_await call(Method::post, "/admin/log/trim", admin_log_json::trim_text(source, before));
    if (!answer) co_return fail(std::move(answer).error());
    co_return Result<>{};
}

Task<std::vector<std::string>> AdminMessageLog::create(std::vector<TopicSpec> topics) {
    auto answer = co_await call(Method::post, "/admin/log/topics", admin_log_json::text(topics));
    if (!answer) co_return fail(std::move(answer).error());
    co_return admin_log_json::names(*answer);
}

Task<std::vector<TopicInfo>> AdminMessageLog::describe(std::vector<std::string>) {
    auto answer = co_await call(Method::get, "/admin/log/topics", {});
    if (!answer) co_return fail(std::move(answer).error());
    co_return admin_log_json::topics(*answer);
}

Task<std::vector<std::pair<TopicPartition, Commit>>> AdminMessageLog::commits(std::string group) {
    auto answer = co_await call(Method::get, "/admin/log/commits?group=" + percent_encoded(group), {});
    if (!answer) co_return fail(std::move(answer).error());
    co_return admin_log_json::commits(*answer);
}

Task<std::vector<Found>> AdminMessageLog::stored(std::vector<ProductId> ids) {
    std::string target = "/admin/store/stored?ids=";
    for (const auto& id : ids) target += (target.back() == '=' ? "" : ",") + id.hex();
    auto answer = co_await call(Method::get, target, {});
    if (!answer) co_return fail(std::move(answer).error());
    auto found = admin_log_json::stored(*answer);
    if (found && found->size() != ids.size()) {
        co_return fail(Errc::internal, "The running service answered too little.");
    }
    co_return found;
}

Task<> AdminMessageLog::check() {
    auto answer = co_await call(Method::get, "/admin/log/check", {});
    if (!answer) co_return fail(std::move(answer).error());
    co_return Result<>{};
}

}  // namespace productd
