// Fills a HttpRequest and refuses what proxies and servers are known to read differently (RFC 9112 section 11.2).
// Calls Beast's parser, which does the syntax.
#include "inbound/http/http1/http_request_reader.hpp"

#include <algorithm>
#include <functional>

#include "inbound/http/http_bounds.hpp"

namespace productd {

namespace {

namespace http = boost::beast::http;

constexpr std::size_t last_chunk_bytes = 5;                // `0 CR LF CR LF`: the least that ends a chunked body.
constexpr std::size_t body_reserve_bytes_max = 64 * 1024;  // A promised length is not believed beyond this.

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

HttpRequestReader::HttpRequestReader(HttpRequest& request, const HttpLimits& limits)
    : request_(request), limits_(limits) {
    body_limit(limits.body_bytes_max);
}

std::size_t HttpRequestReader::read(std::string_view bytes, boost::system::error_code& error) {
    window_ = bytes;
    if (is_header_done() && chunked() && bytes.size() < last_chunk_bytes) {
        error = http::error::need_more;  // Beast asserts that it sees no less; more has to come in any case.
        return 0;
    }
    if (is_header_done()) return read_body(bytes, error);
    if (header_bytes_ >= limits_.header_bytes_max) {
        error = http::error::header_limit;
        return 0;
    }
    header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max - header_bytes_));
    const auto used = put({bytes.data(), bytes.size()}, error);
    header_bytes_ += used;
    return used;
}

/// Extensions of chunks and trailers are thrown away, but they cost what a body costs: all of it counts.
std::size_t HttpRequestReader::read_body(std::string_view bytes, boost::system::error_code& error) {
    eager(true);
    const auto used = put({bytes.data(), bytes.size()}, error);
    framed_bytes_ += used;
    const bool is_ours = !error || error == http::error::need_more;
    if (is_ours && framed_bytes_ > limits_.body_bytes_max) error = http::error::body_limit;
    return used;
}

void HttpRequestReader::stop(Code& error, unsigned status, std::string_view reason, std::string detail) {
    refusal_ = HttpRefusal{status, reason, std::move(detail)};
    error = http::error::bad_value;  // Any error ends put(); refusal_ says which.
}

void HttpRequestReader::on_request_impl(http::verb, Text method, Text target, int version, Code& error) {
    http_1_0_ = version == 10;
    request_.method.assign(method.data(), std::min(method.size(), http_bounds::method_bytes_max));
    request_.target.assign(target.data(), target.size());
    if (method.size() > http_bounds::method_bytes_max) stop(error, 501, "malformed", "The method is unknown.");
}

bool HttpRequestReader::is_folded(std::string_view name, std::string_view value) const {
    // Beast joins folded lines in a buffer of its own; a fold before the value leaves its line end in between.
    const char* const behind_name = name.data() + name.size();
    const char* const first = value.data();
    const std::less<const char*> before;
    if (before(first, behind_name) || before(window_.data() + window_.size(), first)) return true;
    return std::find(behind_name, first, '\n') != first;
}

void HttpRequestReader::on_field_impl(Field field, Text name, Text value, Code& error) {
    if (header_seen_) return;  // Trailers: merged into the headers they would pass for what was checked above.
    if (is_folded(view(name), view(value))) return stop(error, 400, "malformed", "A header is folded over lines.");
    if (request_.headers.size() >= limits_.headers_max) {
        return stop(error, 431, "header_too_large", "The request has too many headers.");
    }
    auto& [key, content] = request_.headers.emplace_back(view(name), view(value));
    std::ranges::transform(key, key.begin(), lower);
    check_framing(field, content, error);
}

void HttpRequestReader::check_framing(Field field, std::string_view value, Code& error) {
    switch (field) {
        case Field::content_length:
            if (++lengths_ > 1 || !is_number(value)) stop(error, 400, "malformed", "Content-Length is not one number.");
            return;
        case Field::transfer_encoding:
            if (http_1_0_) return stop(error, 400, "malformed", "HTTP/1.0 knows no Transfer-Encoding.");
            if (!equals_ignoring_case(value, "chunked")) {
                stop(error, 501, "malformed", "The only Transfer-Encoding supported is chunked.");
            }
            return;
        case Field::host:
            if (++hosts_ > 1 || value.find_first_of(" \t/?#@\\") != std::string_view::npos) {
                stop(error, 400, "malformed", "Host is not one host name.");
            }
            return;
        case Field::expect:
            if (http_1_0_) return;
            if (!equals_ignoring_case(value, "100-continue")) {
                return stop(error, 417, "malformed", "The only expectation supported is 100-continue.");
            }
            expects_continue_ = true;
            return;
        default: return;
    }
}

void HttpRequestReader::on_header_impl(Code& error) {
    header_seen_ = true;
    if (hosts_ == 0 && !http_1_0_) return stop(error, 400, "malformed", "The Host header is missing.");
    if (request_.method == "CONNECT") return stop(error, 501, "malformed", "This server is no proxy.");
    normalise_target(error);
}

void HttpRequestReader::normalise_target(Code& error) {
    auto& target = request_.target;
    if (target.find('#') != std::string::npos) return stop(error, 400, "malformed", "The target has a fragment.");
    if (target.front() == '/' || (target == "*" && request_.method == "OPTIONS")) return;
    const auto scheme = target.find("://");
    const std::string_view name = std::string_view(target).substr(0, scheme == std::string::npos ? 0 : scheme);
    if (!equals_ignoring_case(name, "http") && !equals_ignoring_case(name, "https")) {
        return stop(error, 400, "malformed", "The target is neither a path nor an http URL.");
    }
    const auto path = target.find_first_of("/?", scheme + 3);
    target.erase(0, path);
    if (target.empty() || target.front() == '?') target.insert(target.begin(), '/');
}

void HttpRequestReader::on_body_init_impl(const boost::optional<std::uint64_t>& length, Code&) {
    if (length) request_.body.reserve(std::min<std::size_t>(*length, body_reserve_bytes_max));
}

std::size_t HttpRequestReader::on_body_impl(Text piece, Code&) {
    request_.body.append(piece.data(), piece.size());
    return piece.size();
}

std::size_t HttpRequestReader::on_chunk_body_impl(std::uint64_t, Text piece, Code&) {
    request_.body.append(piece.data(), piece.size());
    return piece.size();
}

HttpRefusal HttpRequestReader::translate(const boost::system::error_code& error) const {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return {431, "header_too_large",
                "The headers are larger than " + std::to_string(limits_.header_bytes_max) + " bytes."};
    }
    if (error == http::error::body_limit) {
        return {413, "body_too_large", "The body is larger than " + std::to_string(limits_.body_bytes_max) + " bytes."};
    }
    if (error == http::error::bad_transfer_encoding || error == http::error::bad_content_length ||
        error == http::error::multiple_content_length) {
        return {400, "malformed", "The length of the body is not given once and clearly."};
    }
    return {400, "malformed", "This is not a well-formed HTTP request."};
}

}  // namespace productd
