// One HTTP/2 connection (RFC 9113) as a function from bytes to requests, and from answers to bytes: it owns no socket
// and waits for nothing. nghttp2 knows the protocol; what clients may cost is bounded here.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "async/byte_budget.hpp"
#include "inbound/http/http2/http2_fields.hpp"
#include "inbound/http/http2/http2_patience.hpp"
#include "inbound/http/http2/http2_stream.hpp"
#include "inbound/http/http2/http2_unsent.hpp"
#include "inbound/http/http_settings.hpp"

namespace productd {

class Http2Frames {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using StreamPtr = std::shared_ptr<Http2Stream>;

    /// Is told while feed() and collect() run; it may answer() at once.
    class Owner {
    public:
        virtual ~Owner() = default;
        /// The request is whole, or is refused, and is to be answered.
        virtual void arrived(const StreamPtr& stream) = 0;
        /// It ended, by the client before its answer too.
        virtual void closed(const StreamPtr& stream) = 0;
        /// The client is told that it did wrong, by a label of what.
        virtual void rejected(std::string_view reason) = 0;
    };

    Http2Frames(const HttpServerSettings& settings, Owner& owner);
    ~Http2Frames();
    Http2Frames(const Http2Frames&) = delete;
    Http2Frames& operator=(const Http2Frames&) = delete;

    /// Takes all of `bytes`. A client that broke the protocol, or the bounds, gets a GOAWAY with the next collect().
    void feed(std::string_view bytes, TimePoint now);
    /// Appends what is to be sent, until `out` holds about 64 KiB. Whether it appended anything.
    bool collect(std::string& out);
    /// Nothing will be read or written any more.
    bool is_over() const;

    /// `stream.response` is sent, whose header is `fields`.
    void answer(Http2Stream& stream, const Http2Fields& fields);
    /// The next piece of an answer of pieces, the one before being taken; nothing is the end.
    void give(Http2Stream& stream, std::optional<std::string> piece);
    /// Ends the stream without an answer. `code` of RFC 9113 section 7.
    void reset(Http2Stream& stream, std::uint32_t code);
    /// Whether its client has to make room for more of the answer.
    bool waits_for_window(const Http2Stream& stream) const;
    /// Gives back what the request occupied.
    void release(Http2Stream& stream);

    /// Tells the client to open no more streams, and asks it to say that it heard.
    void announce_end();
    /// Streams that come from here on are not answered; the others are, and then it is over.
    void go_away();
    /// At once.
    void terminate(std::uint32_t code);

    const std::unordered_map<std::int32_t, StreamPtr>& streams() const { return streams_; }
    /// Bodies of answers that wait for their reader.
    Http2Unsent& unsent() { return unsent_; }
    /// By when the header that is on its way has to be complete; the end of time when there is none.
    TimePoint header_deadline() const { return header_deadline_; }
    bool is_terminated() const { return is_terminated_; }

private:
    struct Callbacks;
    friend struct Callbacks;

    /// The ids last left out, which are closed by that (RFC 9113 section 5.1.1): nghttp2 would let them pass.
    struct Skipped {
        // Wider than ids are: the newest may be the last there is.
        std::int64_t newest = -1;
        std::int64_t first = 0;
        std::int64_t last = -1;

        void open(std::int32_t id) {
            if (id > newest + 2) first = newest + 2, last = id - 2;
            newest = id;
        }
        bool contains(std::int32_t id) const { return id >= first && id <= last; }
    };

    void fail(int code);
    void rethrow();
    void hold_more(Http2Stream& stream, std::size_t bytes);
    StreamPtr find(std::int32_t id) const;
    // What nghttp2 tells, by way of Callbacks.
    void begin_frame(const nghttp2_frame_hd& header);
    void begin_header(const nghttp2_frame& frame);
    /// False: more of it is not even looked at.
    bool take_field(std::int32_t id, std::string_view name, std::string_view value);
    void take_body(std::int32_t id, std::string_view piece);
    void end_frame(const nghttp2_frame& frame);
    void end_header(Http2Stream& stream, bool is_last);
    void end_header_of(std::int32_t id);
    void look_at(const StreamPtr& stream);
    void sent_frame(const nghttp2_frame& frame);
    void append_body(Http2Stream& stream, std::string_view frame_header, std::size_t bytes);
    void end_stream(std::int32_t id);

    const HttpServerSettings& settings_;
    Owner& owner_;
    std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session_{nullptr, &nghttp2_session_del};
    std::unordered_map<std::int32_t, StreamPtr> streams_;
    ByteBudget::Share held_;
    std::size_t held_bytes_ = 0;
    Http2Unsent unsent_;
    Http2Patience patience_;
    Skipped skipped_;
    TimePoint now_{};
    TimePoint header_deadline_ = TimePoint::max();
    std::int32_t header_id_ = 0;  ///< Whose header is on its way.
    bool is_end_announced_ = false;
    std::string* out_ = nullptr;  ///< While collect() runs.
    bool is_terminated_ = false;
    std::exception_ptr failure_;  ///< Must not pass through nghttp2, which is C.
};

}  // namespace productd
