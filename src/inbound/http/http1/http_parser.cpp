// The glue around Beast's parser: limits over a whole request, and the checks Beast leaves to its users. Calls
// http_request_reader.
#include "inbound/http/http1/http_parser.hpp"

#include "inbound/http/http1/http_request_reader.hpp"

namespace productd {

namespace {

/// RFC 9112 2.2: an empty line in front of a request is forgiven, a flood of them is not.
constexpr std::size_t empty_lines_max = 4;
constexpr std::size_t headers_expected = 8;
/// A chunk's size line with its extensions, or the trailers: nobody needs more.
constexpr std::size_t chunk_line_bytes_max = 16 * 1024;

/// `GET / HTTP/2.0` is HTTP of another version; `GET / nonsense` is no HTTP, nor is `GET /a b HTTP/1.1`.
bool names_other_version(std::string_view bytes) {
    constexpr std::string_view example = " HTTP/2.0";
    const auto line = bytes.substr(0, bytes.find('\r'));
    if (line.size() < example.size()) return false;
    const auto end = line.substr(line.size() - example.size());
    if (end == " HTTP/1.1" || end == " HTTP/1.0") return false;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return end.starts_with(" HTTP/") && is_digit(end[6]) && end[7] == '.' && is_digit(end[8]);
}

}  // namespace

HttpParser::HttpParser(const HttpLimits& limits) : limits_(limits) {}
HttpParser::~HttpParser() = default;

void HttpParser::refuse(HttpRefusal refusal) {
    refusal_ = std::move(refusal);
    state_ = State::refused;
}

/// Beast's parser reads one message only. The next is made in the place of the last, without asking for memory.
void HttpParser::begin() {
    request_.headers.reserve(headers_expected);
    if (reader_) {
        std::destroy_at(reader_.get());
        std::construct_at(reader_.get(), request_, limits_);
    } else {
        reader_ = std::make_unique<HttpRequestReader>(request_, limits_);
    }
    state_ = State::header;
}

std::size_t HttpParser::feed(std::string_view bytes) {
    std::size_t used = 0;
    if (state_ == State::nothing) {
        while (bytes.substr(used).starts_with("\r\n") && empty_lines_ < empty_lines_max) {
            used += 2;
            ++empty_lines_;
        }
        if (used == bytes.size() || bytes.substr(used) == "\r") return used;
        empty_lines_ = 0;
        begin();
    }
    while (used < bytes.size() && (state_ == State::header || state_ == State::body)) {
        const auto before = used;
        const auto state = state_;
        advance(bytes, used);
        if (used == before && state == state_) break;  // A part of a line: more has to come.
    }
    return used;
}

void HttpParser::advance(std::string_view bytes, std::size_t& used) {
    const auto rest = bytes.substr(used);
    boost::system::error_code error;
    used += reader_->read(rest, error);
    http_1_0_ = reader_->http_1_0();
    if (auto& refusal = reader_->refusal()) return refuse(std::move(*refusal));
    if (error == boost::beast::http::error::bad_version && names_other_version(rest)) {
        return refuse({505, "malformed", "This port speaks HTTP/1.1 and HTTP/1.0 only."});
    }
    if (error && error != boost::beast::http::error::need_more) return refuse(reader_->translate(error));
    if (!reader_->is_header_done()) return;
    if (state_ == State::header) expects_continue_ = reader_->expects_continue();
    state_ = reader_->is_done() ? State::complete : State::body;
    keep_alive_ = reader_->keep_alive();
    if (error && bytes.size() - used > chunk_line_bytes_max) {
        refuse({400, "malformed", "A chunk's size line or the trailers are too long."});
    }
}

std::size_t HttpParser::bytes_held() const {
    if (state_ == State::nothing) return 0;
    return reader_->header_bytes() + request_.headers.capacity() * sizeof(request_.headers.front()) +
           request_.body.capacity();
}

void HttpParser::drop() { request_ = {}; }

bool HttpParser::take_expectation() { return std::exchange(expects_continue_, false); }

HttpRequest HttpParser::take() {
    state_ = State::nothing;
    expects_continue_ = false;
    return std::exchange(request_, HttpRequest{});
}

}  // namespace productd
