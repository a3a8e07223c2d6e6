// Writes answers into the connection's one buffer. Calls HttpExchange for the headers every answer has.
#include "inbound/http/http1/http_writer.hpp"

#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>

#include "inbound/http/http_fields.hpp"

namespace productd {

namespace {

constexpr std::size_t header_bytes_expected = 640;

void append_number(std::string& out, std::size_t number, int base = 10) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    out.append(digits.data(), end);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    append_field_text(out, name);
    out += ": ";
    append_field_text(out, value);
    out += "\r\n";
}

/// The lines of the headers that are the same in every answer.
std::string_view fixed_lines() {
    static const std::string lines = [] {
        std::string made;
        for (const auto& [name, value] : HttpExchange::fixed_headers) append_header(made, name, value);
        return made;
    }();
    return lines;
}

}  // namespace

void append_response(std::string& out, HttpExchange& exchange, const HttpCall& call, const HttpResponse& response,
                     HttpFraming framing) {
    const bool sends_body = has_body(response.status) && call.method != "HEAD";
    out.reserve(out.size() + header_bytes_expected + (sends_body ? response.body.size() : 0));
    out += "HTTP/1.1 ";
    append_number(out, response.status);
    out += ' ';
    const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
    out.append(reason.data(), reason.size());
    out += "\r\n";
    out += fixed_lines();
    exchange.visit_headers(call, response, [&out](std::string_view name, std::string_view value) {
        if (!is_framing_field(name)) append_header(out, name, value);
    });
    if (response.source && has_body(response.status)) {
        if (!framing.http_1_0) out += "Transfer-Encoding: chunked\r\n";
    } else if (has_body(response.status)) {
        out += "Content-Length: ";
        append_number(out, response.body.size());
        out += "\r\n";
    }
    if (!framing.keep_alive) {
        out += "Connection: close\r\n";
    } else if (framing.http_1_0) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
    if (sends_body && !response.source) out += response.body;
}

void append_chunk(std::string& out, std::string_view piece) {
    append_number(out, piece.size(), 16);
    out += "\r\n";
    out += piece;
    out += "\r\n";
}

void append_last_chunk(std::string& out) { out += "0\r\n\r\n"; }

}  // namespace productd
