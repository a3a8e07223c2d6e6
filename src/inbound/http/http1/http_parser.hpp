// Bytes → HttpRequest for HTTP/1.x, strict where leniency lets requests be smuggled.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "inbound/http/http_refusal.hpp"
#include "inbound/http/http_settings.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

class HttpRequestReader;

/// Reads one request after the other. After a refusal nothing that follows on the connection can be trusted.
class HttpParser {
public:
    explicit HttpParser(const HttpLimits& limits);
    ~HttpParser();
    HttpParser(const HttpParser&) = delete;
    HttpParser& operator=(const HttpParser&) = delete;

    /// Takes what belongs to the request at hand from the front of `bytes` and returns how much that was. The rest is
    /// to be offered again, with more behind it, or after take().
    std::size_t feed(std::string_view bytes);

    enum class State {
        nothing,  ///< No byte of a request was seen.
        header,
        body,
        complete,  ///< take() it.
        refused,   ///< See refusal().
    };
    State state() const { return state_; }

    /// The complete request. The parser is ready for the next one.
    HttpRequest take();

    /// What is known of a request that is not complete, for the answer to it.
    const HttpRequest& so_far() const { return request_; }
    const HttpRefusal& refusal() const { return refusal_; }

    /// What the request at hand occupies: its headers, and the room its body has grown to.
    std::size_t bytes_held() const;
    /// After a refusal was answered: gives back what the request occupies.
    void drop();

    /// Whether the client waits for `100 Continue` before it sends the body. True once a request.
    bool take_expectation();
    /// About the request last completed: whether the client wants to send another, and whether it speaks HTTP/1.0.
    bool keep_alive() const { return keep_alive_; }
    bool http_1_0() const { return http_1_0_; }

private:
    void begin();
    void advance(std::string_view bytes, std::size_t& used);
    void refuse(HttpRefusal refusal);

    const HttpLimits limits_;
    State state_ = State::nothing;
    HttpRequest request_;
    HttpRefusal refusal_;
    std::unique_ptr<HttpRequestReader> reader_;
    std::size_t empty_lines_ = 0;
    bool expects_continue_ = false;
    bool keep_alive_ = false;
    bool http_1_0_ = false;
};

}  // namespace productd
