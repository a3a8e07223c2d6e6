// Writes answers into the connection's one buffer. Calls HttpExchange for the headers every answer has.
#include "inbound/http/http_writer.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>

namespace productd {

namespace {

constexpr std::size_t header_bytes_expected = 640;

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Headers that this file decides.
bool is_framing(std::string_view name) {
    const auto is = [name](std::string_view other) {
        return std::ranges::equal(name, other, [](char a, char b) { return ascii_lower(a) == b; });
    };
    return is("content-length") || is("connection") || is("transfer-encoding") || is("keep-alive");
}

void append_clean(std::string& out, std::string_view text) {
    const auto start = static_cast<std::ptrdiff_t>(out.size());
    out += text;
    std::replace_if(out.begin() + start, out.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    append_clean(out, name);
    out += ": ";
    append_clean(out, value);
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

bool has_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

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
        if (!is_framing(name)) append_header(out, name, value);
    });
    if (has_body(response.status)) {
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
    if (sends_body) out += response.body;
}

}  // namespace productd
