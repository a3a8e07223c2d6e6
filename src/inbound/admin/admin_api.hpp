// The event log, and the level of the log lines, for the commands of this program, over the Unix socket in the data
// folder. JSON, bytes in base64.
#pragma once

#include <string>

#include "app/ports/message_log.hpp"
#include "app/ports/product_store.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

class AdminApi {
public:
    /// Both must outlive every call. Without a store its routes answer unimplemented.
    explicit AdminApi(MessageLog& log, ProductStore* store = nullptr) : log_(log), store_(store) {}

    /// An HttpHandler. Errors are `{"code", "detail"}` with the code's HTTP status.
    boost::asio::awaitable<HttpResponse> handle(HttpRequest request);

    /// The largest body it is sent: one message of the largest kind in base64.
    static constexpr std::size_t body_bytes_max = 96 << 20;

private:
    struct Route;
    static const Route routes[];

    /// A handler's answer: JSON text.
    using Answer = Task<std::string>;

    Answer publish(HttpRequest request);
    Answer read(HttpRequest request);
    Answer trim(HttpRequest request);
    Answer create(HttpRequest request);
    Answer describe(HttpRequest request);
    Answer commits(HttpRequest request);
    Answer check(HttpRequest request);
    Answer stored(HttpRequest request);
    Answer level(HttpRequest request);
    Answer set_level(HttpRequest request);

    MessageLog& log_;
    ProductStore* store_;
};

}  // namespace productd
