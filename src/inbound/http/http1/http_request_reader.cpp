// Fills a HttpRequest and refuses what proxies and servers are known to read differently (RFC 9112 section 11.2).
// Calls Beast's parser, which does the syntax.
#include "inbound/http/http1/http_request_reader.hpp"

#include <algorithm>
#include <functional>

#include "inbound/http/http_bounds.hpp"
#include "inbound/http/http_uri.hpp"

namespace productd {

namespace {

namespace http = boost::beast::http;

constexpr std::size_t last_chunk_bytes = 5;                    // `0 CR LF CR LF`: the least that ends a chunked body.
constexpr std::size_t body_reserve_bytes_max = 64 * 1024;      // A promised length is not believed beyond this.
constexpr std::size_t chunk_extensions_bytes_max = 16 * 1024;  // Nobody needs any.

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Takes the first member from a list (RFC 9110 5.6.1), without the blanks around it.
std::string_view take_member(std::string_view& list) {
    auto member = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), member.size() + 1));
    while (member.starts_with(' ') || member.starts_with('\t')) member.remove_prefix(1);
    while (member.ends_with(' ') || member.ends_with('\t')) member.remove_suffix(1);
    return member;
}

bool is_control(char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; }

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
    line_seen_ = true;
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
        case Field::transfer_encoding: return check_codings(value, error);
        case Field::host:
            if (++hosts_ > 1 || !is_authority(value)) stop(error, 400, "malformed", "Host is not one host name.");
            return;
        case Field::content_type:
            if (++types_ > 1) stop(error, 400, "malformed", "There is more than one Content-Type.");
            return;
        case Field::connection: return note_options(value);
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

/// What does not end in `chunked`, once, has no length that everybody would read alike (RFC 9112 6.3).
void HttpRequestReader::check_codings(std::string_view codings, Code& error) {
    if (http_1_0_) return stop(error, 400, "malformed", "HTTP/1.0 knows no Transfer-Encoding.");
    const auto comma = codings.rfind(',');
    const bool is_alone = comma == std::string_view::npos;
    auto last = is_alone ? codings : codings.substr(comma + 1);
    auto others = is_alone ? std::string_view{} : codings.substr(0, comma);
    bool is_clear = ++codings_ == 1 && comma != 0 && equals_ignoring_case(take_member(last), "chunked");
    while (is_clear && !others.empty()) {
        const auto coding = take_member(others);
        is_clear = !coding.empty() && !equals_ignoring_case(coding, "chunked");
    }
    if (!is_clear) return stop(error, 400, "malformed", "Transfer-Encoding does not end in chunked, once.");
    if (!is_alone) stop(error, 501, "malformed", "The only Transfer-Encoding supported is chunked.");
}

void HttpRequestReader::note_options(std::string_view options) {
    while (!options.empty()) {
        const auto option = take_member(options);
        if (equals_ignoring_case(option, "close")) closes_ = true;
        if (equals_ignoring_case(option, "keep-alive")) asks_to_stay_ = true;
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
    if (target == "*" && request_.method == "OPTIONS") return;
    if (target.front() != '/') cut_authority(error);
    if (!refusal_ && !is_uri_path(request_.path())) {
        stop(error, 400, "malformed", "The path has characters that must be escaped.");
    }
}

/// A whole URL becomes its path and query: whatever host it names, it is ours.
void HttpRequestReader::cut_authority(Code& error) {
    auto& target = request_.target;
    const auto scheme = target.find("://");
    const std::string_view name = std::string_view(target).substr(0, scheme == std::string::npos ? 0 : scheme);
    if (!equals_ignoring_case(name, "http") && !equals_ignoring_case(name, "https")) {
        return stop(error, 400, "malformed", "The target is neither a path nor an http URL.");
    }
    const auto path = target.find_first_of("/?", scheme + 3);
    const auto authority = std::string_view(target).substr(0, path).substr(scheme + 3);
    if (!is_authority(authority)) return stop(error, 400, "malformed", "The target's host is not one host name.");
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

/// Extensions are thrown away. One that could pass for a line's end to somebody else is not read over (RFC 9112 7.1.1).
void HttpRequestReader::on_chunk_header_impl(std::uint64_t, Text extensions, Code& error) {
    if (extensions.size() > chunk_extensions_bytes_max || std::ranges::any_of(view(extensions), is_control)) {
        stop(error, 400, "malformed", "A chunk's extension is malformed.");
    }
}

std::size_t HttpRequestReader::on_chunk_body_impl(std::uint64_t, Text piece, Code&) {
    request_.body.append(piece.data(), piece.size());
    return piece.size();
}

HttpRefusal HttpRequestReader::translate(const boost::system::error_code& error) const {
    if (error == http::error::header_limit && !line_seen_) {
        return {414, "header_too_large",
                "The request line is larger than " + std::to_string(limits_.header_bytes_max) + " bytes."};
    }
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
