// A client of HTTP/2 for tests: nghttp2's own, which can also send frames that no client should.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inbound/http/http_fixture.hpp"

namespace productd {

struct Http2Answer {
    std::string status;
    std::vector<std::string> interim;  ///< Statuses 1xx.
    std::multimap<std::string, std::string> headers;
    std::string body;
    bool is_whole = false;
    std::optional<std::uint32_t> closed;  ///< With which code.

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string{} : found->second;
    }
};

class Http2Client {
public:
    using Fields = std::vector<std::pair<std::string, std::string>>;
    static constexpr std::string_view alpn = "\x02h2";

    explicit Http2Client(std::uint16_t port, std::uint32_t window_bytes = 1 << 30)
        : raw_(RawClient::tls(port, alpn)), session_(nullptr, &nghttp2_session_del) {
        nghttp2_session_callbacks* callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, &on_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &on_data);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &on_close);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &on_frame);
        nghttp2_session* session = nullptr;
        nghttp2_session_client_new(&session, callbacks, this);
        nghttp2_session_callbacks_del(callbacks);
        session_.reset(session);
        const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window_bytes};
        nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, &window, 1);
        nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, 1 << 30);
        flush();
    }

    /// `more` sends no end of the stream.
    enum class Then { ends, more };
    std::int32_t request(const std::string& method, const std::string& path, const Fields& fields = {},
                         Then then = Then::ends) {
        Fields all{{":method", method}, {":scheme", "https"}, {":authority", "test"}, {":path", path}};
        all.insert(all.end(), fields.begin(), fields.end());
        return send_header(all, then);
    }
    std::int32_t send_header(const Fields& fields, Then then = Then::ends) {
        std::vector<nghttp2_nv> list;
        for (const auto& [name, value] : fields) {
            list.push_back({.name = bytes(name),
                            .value = bytes(value),
                            .namelen = name.size(),
                            .valuelen = value.size(),
                            .flags = NGHTTP2_NV_FLAG_NONE});
        }
        const std::uint8_t flags = then == Then::ends ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE;
        const auto id = nghttp2_submit_headers(session_.get(), flags, -1, nullptr, list.data(), list.size(), nullptr);
        flush();
        return id;
    }
    void data(std::int32_t id, std::string_view bytes, Then then = Then::ends) {
        send_frame(NGHTTP2_DATA, then == Then::ends ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE, id, bytes);
    }
    void reset(std::int32_t id) {
        nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        flush();
    }
    void open_window(std::int32_t id, std::int32_t bytes) {
        nghttp2_submit_window_update(session_.get(), NGHTTP2_FLAG_NONE, id, bytes);
        flush();
    }
    /// Past the session: whatever it is. False when the server has closed.
    bool send_frame(std::uint8_t type, std::uint8_t flags, std::int32_t id, std::string_view payload) {
        const auto size = payload.size();
        std::string frame;
        for (const int shift : {16, 8, 0}) frame += static_cast<char>(size >> shift);
        frame += static_cast<char>(type);
        frame += static_cast<char>(flags);
        for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(id >> shift);
        return raw_.send(frame.append(payload));
    }

    /// The answer once it is whole, or its stream is closed.
    Http2Answer answer(std::int32_t id) {
        while (!answers_[id].is_whole && !answers_[id].closed) read("No answer came.");
        return answers_[id];
    }
    Http2Answer get(const std::string& path) { return answer(request("GET", path)); }
    /// The code with which the server reset the stream.
    std::uint32_t reset_code(std::int32_t id) {
        while (!answers_[id].closed) read("The stream was not reset.");
        return *answers_[id].closed;
    }
    /// Reads until so much of the body has come.
    void await_body(std::int32_t id, std::size_t size) {
        while (answers_[id].body.size() < size) read("The body did not come.");
    }
    /// The code of the first GOAWAY.
    std::uint32_t goaway() {
        while (goaways_.empty()) read("No GOAWAY came.");
        return goaways_.front();
    }
    /// Reads until the server closes. The client's session is not asked any more: it might answer what it does not
    /// know.
    void until_closed() {
        while (raw_.receive_some()) {
        }
    }
    const std::vector<std::uint32_t>& goaways() const { return goaways_; }
    const Http2Answer& so_far(std::int32_t id) { return answers_[id]; }
    void flush() {
        const std::uint8_t* bytes = nullptr;
        for (;;) {
            const auto size = nghttp2_session_mem_send(session_.get(), &bytes);
            if (size <= 0) return;
            raw_.send({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
        }
    }
    /// False when the server has closed.
    bool receive() {
        const auto some = raw_.receive_some();
        if (!some) return false;
        nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(some->data()), some->size());
        flush();
        return true;
    }

private:
    void read(const char* failure) {
        if (!receive()) throw std::runtime_error(failure);
    }
    static std::uint8_t* bytes(const std::string& text) {
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    }
    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                         const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* client) {
        auto& answer = static_cast<Http2Client*>(client)->answers_[frame->hd.stream_id];
        std::string key(reinterpret_cast<const char*>(name), name_size);
        std::string text(reinterpret_cast<const char*>(value), value_size);
        if (key == ":status" && text.starts_with('1')) {
            answer.interim.push_back(text);
        } else if (key == ":status") {
            answer.status = text;
        } else {
            answer.headers.emplace(std::move(key), std::move(text));
        }
        return 0;
    }
    static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size,
                       void* client) {
        static_cast<Http2Client*>(client)->answers_[id].body.append(reinterpret_cast<const char*>(bytes), size);
        return 0;
    }
    static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* client) {
        static_cast<Http2Client*>(client)->answers_[id].closed = code;
        return 0;
    }
    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* client) {
        auto& self = *static_cast<Http2Client*>(client);
        if (frame->hd.type == NGHTTP2_GOAWAY) self.goaways_.push_back(frame->goaway.error_code);
        const bool is_message = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        if (is_message && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
            self.answers_[frame->hd.stream_id].is_whole = true;
        }
        return 0;
    }

    RawClient raw_;
    std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session_;
    std::map<std::int32_t, Http2Answer> answers_;
    std::vector<std::uint32_t> goaways_;
};

/// A server with TLS and HTTP/2.
struct Http2TestServer {
    explicit Http2TestServer(HttpHandler handler, HttpServerSettings settings = test_settings())
        : server(std::move(handler), completed(std::move(settings), tls)) {}

    Http2Client client(std::uint32_t window_bytes = 1 << 30) {
        return Http2Client(server.server().port(), window_bytes);
    }

    static HttpServerSettings completed(HttpServerSettings settings, TestTls& tls) {
        settings.tls = TlsContext::load(tls.files(), TlsContext::http2_first).value();
        return settings;
    }

    TestTls tls;
    TestServer server;
};

}  // namespace productd
