// A connection over TLS as the load generators use it: one request at a time, HTTP/1.1, the answer read whole.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <string>
#include <string_view>

namespace productd::bench {

namespace asio = boost::asio;

class HttpsClient {
public:
    HttpsClient(const asio::any_io_executor& executor, asio::ssl::context& context) : stream_(executor, context) {}

    asio::awaitable<void> connect(std::uint16_t port) {
        co_await stream_.lowest_layer().async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
        stream_.lowest_layer().set_option(asio::ip::tcp::no_delay(true));
        co_await stream_.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    }
    asio::awaitable<void> send(std::string_view bytes) {
        co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()), asio::use_awaitable);
    }
    /// The status of the next answer, once all of it is here. Throws where it has no length.
    asio::awaitable<unsigned> answer() {
        const auto head_bytes = co_await asio::async_read_until(stream_, input_, "\r\n\r\n", asio::use_awaitable);
        const std::string head(static_cast<const char*>(input_.data().data()), head_bytes);
        input_.consume(head_bytes);
        unsigned status = 0;
        std::from_chars(head.data() + 9, head.data() + 12, status);
        const auto body_bytes = length(head);
        if (input_.size() < body_bytes) {
            co_await asio::async_read(stream_, input_, asio::transfer_at_least(body_bytes - input_.size()),
                                      asio::use_awaitable);
        }
        input_.consume(body_bytes);
        co_return status;
    }
    asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) {
        co_return co_await stream_.async_read_some(into, asio::use_awaitable);
    }
    auto& socket() { return stream_.lowest_layer(); }

private:
    static std::size_t length(std::string_view head) {
        constexpr std::string_view name = "\r\nContent-Length: ";
        const auto at = head.find(name);
        if (at == std::string_view::npos) throw std::runtime_error("an answer without a length");
        std::size_t bytes = 0;
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), bytes);
        return bytes;
    }

    asio::ssl::stream<asio::ip::tcp::socket> stream_;
    asio::streambuf input_;
};

}  // namespace productd::bench
