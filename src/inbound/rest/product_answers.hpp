// Successful answers of REST about products.
#pragma once

#include "app/catalog/catalog.hpp"
#include "codec/product/product_json.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

/// The product as JSON; with its version also as ETag.
HttpResponse product_response(unsigned status, const Product& product, VersionMember version);
/// What became of a write, told by Product-State. A 204 has no body.
HttpResponse written_response(unsigned status, const Written& written);
HttpResponse search_response(const SearchQuery& query, const SearchPage& page);
/// The path of a product.
std::string location(const ProductId& id);

}  // namespace productd
