// Speaks HTTP/1.1 with a listener of the service, over TLS where that has it. Calls Beast, OpenSSL and the certificate.
#include "cli/health/own_listener.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace productd {

namespace {

namespace http = boost::beast::http;
using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr std::size_t answer_bytes_max = 1 << 20;

auto into(Code& code) { return asio::redirect_error(asio::use_awaitable, code); }

/// Where to reach what listens on `address`: every interface is no place to connect to.
std::vector<std::string> reachable(const std::string& address) {
    Code not_an_address;
    const auto parsed = asio::ip::make_address(address, not_an_address);
    if (not_an_address || !parsed.is_unspecified()) return {address};
    if (parsed.is_v4()) return {"127.0.0.1"};
    return {"::1", "127.0.0.1"};
}

Error port_is_unknown(const char* key, const char* instead) {
    return {Errc::failed_precondition,
            fmt::format("{} is 0, which takes whatever port is free, so there is nothing to ask: {}.", key, instead)};
}

Error broken(const OwnListener& listener, const Code& code) {
    return unavailable("What listens on " + listener.url() + " gave no answer.", code.message());
}

/// Its own certificate itself, whoever signed it and whatever names it has: it is asked for on loopback. The file may
/// have those of signers too, so who passes this may still be another of theirs: shows() tells.
Code trust(asio::ssl::context& context, const std::filesystem::path& certificate) {
    Code code;
    context.load_verify_file(certificate.string(), code);
    if (!code) context.set_verify_mode(asio::ssl::verify_peer, code);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
    return code;
}

bool shows(const Certificate& certificate, const SSL* connection) {
    const auto* shown = SSL_get0_peer_certificate(connection);
    return shown != nullptr && fingerprint_of(shown) == certificate.fingerprint;
}

Error shows_another(const OwnListener& listener, const std::string& cause) {
    return unavailable(
        fmt::format("What listens on {} does not show the certificate {}, or that is not valid now; where the file "
                    "was changed, SIGHUP makes the service read it again.",
                    listener.url(), listener.certificate->cert_file.string()),
        cause);
}

template <class Stream>
Task<OwnAnswer> exchange(Stream& stream, const OwnListener& listener, const std::string& target) {
    http::request<http::empty_body> request(http::verb::get, target, 11);
    request.set(http::field::host, "localhost");
    request.set(http::field::connection, "close");
    Code code;
    co_await http::async_write(stream, request, into(code));
    if (code) co_return fail(broken(listener, code));
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(answer_bytes_max);
    co_await http::async_read(stream, buffer, parser, into(code));
    if (code) co_return fail(broken(listener, code));
    co_return OwnAnswer{listener.url(), parser.get().result_int(), std::move(parser.get().body())};
}

/// The listener with the address that it was reached at alone.
Task<OwnListener> connect(tcp::socket& socket, OwnListener listener) {
    Code code;
    for (const auto& known : listener.addresses) {
        const auto address = asio::ip::make_address(known, code);
        if (!code) co_await socket.async_connect(tcp::endpoint(address, listener.port), into(code));
        if (!code) co_return OwnListener{{known}, listener.port, listener.certificate};
        Code closed;  // Of one family; the next address may be of the other.
        socket.close(closed);
    }
    co_return fail(unavailable("No service listens on " + listener.url() + '.', code.message()));
}

Task<OwnAnswer> exchange_plain(OwnListener listener, std::string target) {
    tcp::socket socket(co_await asio::this_coro::executor);
    const auto reached = co_await connect(socket, std::move(listener));
    if (!reached) co_return fail(reached.error());
    auto answer = exchange(socket, *reached, target);
    co_return co_await std::move(answer);
}

Task<OwnAnswer> exchange_over_tls(OwnListener listener, std::string target) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    auto code = trust(context, listener.certificate->cert_file);
    if (code) {
        co_return fail(
            {Errc::failed_precondition,
             fmt::format("{} cannot be trusted; check Tls.CertFile.", listener.certificate->cert_file.string()),
             {},
             code.message()});
    }
    asio::ssl::stream<tcp::socket> stream(co_await asio::this_coro::executor, context);
    const auto reached = co_await connect(stream.next_layer(), std::move(listener));
    if (!reached) co_return fail(reached.error());
    co_await stream.async_handshake(asio::ssl::stream_base::client, into(code));
    const auto verified = SSL_get_verify_result(stream.native_handle());
    if (code && verified != X509_V_OK) co_return fail(shows_another(*reached, X509_verify_cert_error_string(verified)));
    if (code) co_return fail(broken(*reached, code));
    if (!shows(*reached->certificate, stream.native_handle())) {
        co_return fail(shows_another(*reached, "It shows another that the file's signers vouch for."));
    }
    auto answer = exchange(stream, *reached, target);
    co_return co_await std::move(answer);
}

}  // namespace

std::string OwnListener::url() const {
    const auto& address = addresses.front();
    const bool is_v6 = address.contains(':');
    return fmt::format("{}://{}{}{}:{}", certificate ? "https" : "http", is_v6 ? "[" : "", address, is_v6 ? "]" : "",
                       port);
}

Result<OwnListener> own_listener(const Config& config) {
    const bool needs_certificate =
        !config.tls.client_ca_file.empty() && config.tls.client_certificates == ClientCertificates::required;
    if (needs_certificate) {
        if (config.metrics.port == 0) return fail(port_is_unknown("Metrics.Port", "name it with --metrics-port"));
        return OwnListener{reachable(config.metrics.host), config.metrics.port, std::nullopt};
    }
    if (config.http.port == 0) return fail(port_is_unknown("Http.Port", "name it with --http-port"));
    const auto certificate = existing_certificate(config);
    if (!certificate) {
        auto error = certificate.error();
        if (error.code == Errc::not_found) error = unavailable("No service has run on this data folder.", error.detail);
        return fail(std::move(error));
    }
    return OwnListener{reachable(config.http.host), config.http.port, *certificate};
}

Task<OwnAnswer> ask(OwnListener listener, std::string target, std::chrono::milliseconds time) {
    const bool over_tls = listener.certificate.has_value();
    const auto url = listener.url();
    auto answer = over_tls ? exchange_over_tls(std::move(listener), std::move(target))
                           : exchange_plain(std::move(listener), std::move(target));
    auto told = co_await within(Deadline::clock::now() + time, std::move(answer));
    if (!told && told.error().code == Errc::deadline_exceeded) {
        told.error().detail = fmt::format("What listens on {} did not answer within {} ms.", url, time.count());
    }
    co_return told;
}

}  // namespace productd
