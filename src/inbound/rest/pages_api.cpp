// Answers with embedded pages: compressed as they are where the client takes that, else inflated. Calls zlib.
#include "inbound/rest/pages_api.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <stdexcept>

#include "inbound/http/message/gzip.hpp"
#include "inbound/http/message/http_etag.hpp"
#include "inbound/http/message/http_query.hpp"
#include "inbound/rest/embedded_pages.hpp"
#include "inbound/rest/product_requests.hpp"

namespace productd {

namespace {

// Nothing from elsewhere, nothing inside a page. Swagger UI runs its scripts, calls us, and has pictures in its CSS.
constexpr auto plain_policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr auto swagger_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr auto kept_for_good = "public, max-age=31536000, immutable";
constexpr auto asked_for_again = "no-cache";  // A browser may keep it, and asks by its ETag whether it still holds.
constexpr std::string_view swagger_path = "/swagger/index.html";

const EmbeddedPage* embedded(std::string_view path) {
    const auto pages = embedded_pages();
    const auto found = std::ranges::find(pages, path, &EmbeddedPage::path);
    return found == pages.end() ? nullptr : &*found;
}

/// Inflates piece by piece: a large page must not hold up others of this thread.
asio::awaitable<std::string> inflated(const EmbeddedPage& page) {
    constexpr std::size_t step_bytes = 128 * 1024;
    constexpr int gzip_window_bits = 15 + 16;  // + 16: zlib's way to ask for the gzip format.
    struct Stream : z_stream {
        Stream() : z_stream{} {
            if (inflateInit2(this, gzip_window_bits) != Z_OK) throw std::bad_alloc();
        }
        ~Stream() { inflateEnd(this); }
    } stream;
    std::string content(page.bytes, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(page.gzip.data()));  // zlib only reads it.
    stream.avail_in = static_cast<uInt>(page.gzip.size());
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    for (auto done = Z_OK; done != Z_STREAM_END;) {
        if (done != Z_OK) throw std::logic_error("an embedded page cannot be inflated");
        if (stream.total_out > 0) co_await asio::post(asio::use_awaitable);
        stream.avail_out = static_cast<uInt>(std::min(step_bytes, page.bytes - stream.total_out));
        done = inflate(&stream, Z_NO_FLUSH);
    }
    co_return content;
}

bool takes_gzip(const HttpRequest& request) {
    const auto accepted = list_header(request, "accept-encoding");
    return accepted && gzip_accepted(*accepted);
}

/// Whether the condition lists `etag` (RFC 9110, 13.1). An ETag of ours stands in no other one.
bool lists(const HttpRequest& request, std::string_view condition, std::string_view etag) {
    return std::ranges::any_of(request.headers, [&](const auto& header) {
        return header.first == condition && (header.second == "*" || header.second.contains(etag));
    });
}

/// Whether the address names the content, as `?v=…` does in our pages.
bool names_content(const HttpRequest& request, std::string_view etag) {
    const auto asked = query_value(request.query(), "v");
    return asked && *asked && **asked == etag.substr(1, etag.size() - 2);
}

HttpResponse redirect(std::string_view location) {
    return {.status = 302, .headers = {{"Location", std::string(location)}, {"Cache-Control", asked_for_again}}};
}

}  // namespace

Task<HttpResponse> PagesApi::front(const HttpRequest& request, std::string_view) {
    return answer(*embedded(metrics_shown_ ? "/" : "without metrics"), request);
}

Task<HttpResponse> PagesApi::page(const HttpRequest& request, std::string_view) {
    if (const auto* found = embedded(request.path())) co_return co_await answer(*found, request);
    co_return fail(Error{Errc::not_found, "There is nothing under this path."});
}

Task<HttpResponse> PagesApi::to_swagger(const HttpRequest&, std::string_view) { co_return redirect(swagger_path); }

Task<HttpResponse> PagesApi::to_favicon(const HttpRequest&, std::string_view) { co_return redirect("/favicon.svg"); }

Task<HttpResponse> PagesApi::answer(const EmbeddedPage& page, const HttpRequest& request) {
    if (request.header("if-match") && !lists(request, "if-match", page.etag)) {
        co_return fail(Errc::aborted, fmt::format("The ETag of this page is {}.", page.etag));
    }
    HttpResponse response{
        .headers = {{"ETag", std::string(page.etag)},
                    {"Content-Security-Policy", page.path == swagger_path ? swagger_policy : plain_policy},
                    {"Referrer-Policy", "no-referrer"}}};
    response.headers.emplace_back("Cache-Control", names_content(request, page.etag) ? kept_for_good : asked_for_again);
    if (lists(request, "if-none-match", page.etag)) {
        response.status = 304;
        co_return response;
    }
    response.content_type = page.content_type;
    if (!takes_gzip(request)) {
        response.body = co_await inflated(page);
        co_return response;
    }
    response.body = page.gzip;
    response.headers.emplace_back("Content-Encoding", "gzip");
    add_gzip_etag(response);
    co_return response;
}

}  // namespace productd
