// nghttp2 has checked what makes a request well-formed (RFC 9113 section 8); here is what is ours. Calls nobody.
#include "inbound/http/http2/http2_request.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "inbound/http/http_bounds.hpp"
#include "inbound/http/http_fields.hpp"
#include "inbound/http/http_uri.hpp"

namespace productd {

namespace {

constexpr std::size_t field_overhead_bytes = 32;  // RFC 9113 section 6.5.2.

void refuse(Http2Stream& stream, unsigned status, std::string_view reason, std::string detail) {
    if (!stream.refusal) stream.refusal = HttpRefusal{status, reason, std::move(detail)};
}

void take_pseudo(Http2Stream& stream, std::string_view name, std::string_view value) {
    auto& request = stream.request;
    if (name == ":method") {
        request.method = value.substr(0, http_bounds::method_bytes_max);
        if (value.size() > http_bounds::method_bytes_max) refuse(stream, 501, "malformed", "The method is unknown.");
    } else if (name == ":path") {
        request.target = value;
    } else if (name == ":authority") {
        request.headers.emplace_back("host", value);
    }
}

void refuse_body(Http2Stream& stream, const HttpLimits& limits) {
    refuse(stream, 413, "body_too_large",
           "The body is larger than " + std::to_string(limits.body_bytes_max) + " bytes.");
}

/// By Content-Length, which nghttp2 has found to be one number; it resets a stream that brings another length.
std::uint64_t promised_bytes(const HttpRequest& request) {
    std::uint64_t bytes = 0;
    const auto length = request.header("content-length").value_or("0");
    std::from_chars(length.data(), length.data() + length.size(), bytes);
    return bytes;
}

}  // namespace

void take_field(Http2Stream& stream, std::string_view name, std::string_view value, const HttpLimits& limits) {
    auto& request = stream.request;
    const auto bytes = name.size() + value.size() + field_overhead_bytes;
    stream.header_bytes += bytes;
    if (stream.refusal || stream.is_trailer) return;
    if (stream.header_bytes > limits.header_bytes_max) {
        return refuse(stream, 431, "header_too_large",
                      "The headers are larger than " + std::to_string(limits.header_bytes_max) + " bytes.");
    }
    stream.held_bytes += bytes + sizeof(request.headers.front());
    if (name.starts_with(':')) return take_pseudo(stream, name, value);
    if (request.headers.size() >= limits.headers_max) {
        return refuse(stream, 431, "header_too_large", "The request has too many headers.");
    }
    // Beside :authority it names the same host, or the request is malformed.
    if (name == "host" && request.header("host") == value) return;
    request.headers.emplace_back(name, value);
}

bool finish_header(Http2Stream& stream, const HttpLimits& limits) {
    const auto& request = stream.request;
    const auto hosts = std::ranges::count(request.headers, "host", [](const auto& field) { return field.first; });
    const auto host = request.header("host");
    if (hosts > 1 || (host && !is_authority(*host))) {
        refuse(stream, 400, "malformed", "Host is not one host name.");
    }
    if (request.method == "CONNECT") refuse(stream, 501, "malformed", "This server is no proxy.");
    if (request.target.contains('#')) refuse(stream, 400, "malformed", "The target has a fragment.");
    if (request.target != "*" || request.method != "OPTIONS") {
        const bool is_path = request.target.starts_with('/') && is_uri_path(request.path());
        if (!is_path) refuse(stream, 400, "malformed", "The path has characters that must be escaped.");
    }
    if (promised_bytes(request) > limits.body_bytes_max) refuse_body(stream, limits);
    const auto expected = request.header("expect");
    if (!expected || stream.refusal) return false;
    const bool is_known = std::ranges::equal(*expected, std::string_view("100-continue"),
                                             [](char sent, char known) { return ascii_lower(sent) == known; });
    if (!is_known) refuse(stream, 417, "malformed", "The only expectation supported is 100-continue.");
    return is_known;
}

void take_body(Http2Stream& stream, std::string_view piece, const HttpLimits& limits) {
    if (stream.refusal || stream.is_closed) return;
    const auto& body = stream.request.body;
    const auto framed_bytes_max = limits.body_bytes_max + limits.body_bytes_max / 4;  // As if it came in crumbs of 36.
    if (body.size() + piece.size() > limits.body_bytes_max || stream.framed_bytes > framed_bytes_max) {
        return refuse_body(stream, limits);
    }
    const auto before = body.capacity();
    stream.request.body.append(piece);
    stream.held_bytes += body.capacity() - before;
}

}  // namespace productd
