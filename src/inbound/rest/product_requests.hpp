// What REST requests say about products, parsed and checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/ports/product_store.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

/// invalid_argument unless `text` is 24 hexadecimal digits.
Result<ProductId> parse_id(std::string_view text);
/// Whether the Content-Type is application/json, with any parameters.
bool is_json(const HttpRequest& request);
/// Whether the body is as it says, not compressed or otherwise coded.
bool is_uncoded(const HttpRequest& request);
/// A header that is a list, with all its lines (RFC 9110 5.3).
std::optional<std::string> list_header(const HttpRequest& request, std::string_view name);
/// The Idempotency-Key header; invalid_argument unless it has 1 to 255 visible ASCII characters.
Result<std::optional<std::string>> idempotency_key(const HttpRequest& request);
/// The members search, page and size of the query; their ranges are the use case's business.
Result<SearchQuery> search_query(const HttpRequest& request);

}  // namespace productd
