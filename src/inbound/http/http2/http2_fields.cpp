// Calls HttpExchange for the headers.
#include "inbound/http/http2/http2_fields.hpp"

#include <algorithm>
#include <array>

#include "inbound/http/http_fields.hpp"

namespace productd {

namespace {

std::uint8_t* bytes(std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // nghttp2 does not write there.
}

void append_lower(std::string& out, std::string_view text) {
    const auto start = static_cast<std::ptrdiff_t>(out.size());
    append_field_text(out, text);
    std::transform(out.begin() + start, out.end(), out.begin() + start, ascii_lower);
}

struct FixedFields {
    FixedFields() {
        std::ranges::transform(HttpExchange::fixed_headers, names.begin(), [](const auto& header) {
            std::string name;
            append_lower(name, header.first);
            return name;
        });
        for (std::size_t at = 0; at < names.size(); ++at) {
            const auto value = HttpExchange::fixed_headers[at].second;
            fields[at] = {.name = bytes(names[at]),
                          .value = bytes(value),
                          .namelen = names[at].size(),
                          .valuelen = value.size(),
                          .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
        }
    }
    std::array<std::string, HttpExchange::fixed_headers.size()> names;
    std::array<nghttp2_nv, HttpExchange::fixed_headers.size()> fields{};
};

/// Fields whose values differ from answer to answer: in the client's table they would only push out what repeats.
bool is_worth_indexing(std::string_view name) {
    static constexpr std::array<std::string_view, 5> varying{"x-request-id", "etag", "location", "content-length",
                                                             "last-modified"};
    return std::ranges::find(varying, name) == varying.end();
}

std::size_t text_bytes(HttpExchange& exchange, const HttpCall& call, const HttpResponse& response) {
    std::size_t sum = 64;  // The status and the length.
    exchange.visit_headers(call, response,
                           [&](std::string_view name, std::string_view value) { sum += name.size() + value.size(); });
    return sum;
}

}  // namespace

Http2Fields::Http2Fields(HttpExchange& exchange, const HttpCall& call, const HttpResponse& response) {
    static const FixedFields fixed;
    text_.reserve(text_bytes(exchange, call, response));  // The list refers to it: it must not move.
    list_.reserve(16);
    add(":status", std::to_string(response.status));
    list_.insert(list_.end(), fixed.fields.begin(), fixed.fields.end());
    exchange.visit_headers(call, response, [this](std::string_view name, std::string_view value) {
        if (!is_framing_field(name)) add(name, value);
    });
    if (has_body(response.status) && !response.source) add("content-length", std::to_string(response.body.size()));
}

void Http2Fields::add(std::string_view name, std::string_view value) {
    const auto at = text_.size();
    append_lower(text_, name);
    append_field_text(text_, value);
    const auto added = std::string_view(text_).substr(at);
    nghttp2_nv field{.name = bytes(added),
                     .value = bytes(added.substr(name.size())),
                     .namelen = name.size(),
                     .valuelen = value.size(),
                     .flags = NGHTTP2_NV_FLAG_NONE};
    if (!is_worth_indexing(added.substr(0, name.size()))) field.flags = NGHTTP2_NV_FLAG_NO_INDEX;
    list_.push_back(field);
}

}  // namespace productd
