// An answer that comes in pieces, whatever version of HTTP carries it: when its source is asked, and how it ended.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "inbound/http/message/http_body_source.hpp"

namespace productd {

struct HttpCall;

class HttpPieces {
public:
    /// A field of its line in the access log.
    enum class End {
        whole,    ///< Its source had no more.
        stopped,  ///< The server stops.
        gone,     ///< The client did not wait for more.
        slow,     ///< The client did not take a piece within the write time-out.
        no_room,  ///< Answers that are not read had taken all the room for a piece.
        failed,   ///< Its source threw.
        cut,      ///< The server stops, and it did not end by itself.
    };
    static constexpr std::string_view name(End end) {
        switch (end) {
            case End::whole: return "whole";
            case End::stopped: return "stopped";
            case End::gone: return "gone";
            case End::slow: return "slow";
            case End::no_room: return "no_room";
            case End::failed: return "failed";
            case End::cut: return "cut";
        }
        std::unreachable();
    }

    explicit HttpPieces(std::shared_ptr<HttpBodySource> source) : source_(std::move(source)) {}

    /// The next piece, never empty; nothing once it is over. What the source throws is logged, with the ids of `call`,
    /// and is the end. Lets others run before it asks: a source that always has more must not keep the thread.
    boost::asio::awaitable<std::optional<std::string>> next(const HttpCall& call);
    /// Whether next() is with the source: cancel it when it is not wanted any more, and again where it goes on waiting.
    bool is_asked() const { return is_asked_; }
    bool is_unwanted() const { return is_stopping_ || end_.has_value(); }

    /// What next() has now, or returns next, is the last.
    void stop();
    bool is_stopping() const { return is_stopping_; }
    /// Nobody takes more. The first of several counts.
    void end(End how) {
        if (!end_) end_ = how;
    }
    const std::optional<End>& end() const { return end_; }
    /// Whether the client may be told that this was all.
    bool is_complete() const { return end_ == End::whole || end_ == End::stopped; }
    /// It is destroyed: nobody asks it again.
    void drop() { source_.reset(); }

    void sent(std::size_t bytes) { sent_bytes_ += bytes; }
    std::uint64_t sent_bytes() const { return sent_bytes_; }

private:
    std::shared_ptr<HttpBodySource> source_;
    std::optional<End> end_;
    std::uint64_t sent_bytes_ = 0;
    bool is_asked_ = false;
    bool is_stopping_ = false;
    bool has_given_last_ = false;
};

}  // namespace productd
