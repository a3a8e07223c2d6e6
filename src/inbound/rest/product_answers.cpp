// Renders what the catalog answered, with the codec of products.
#include "inbound/rest/product_answers.hpp"

#include "codec/json/json_writer.hpp"
#include "inbound/rest/version_etag.hpp"

namespace productd {

namespace {

constexpr std::string_view json_type = "application/json; charset=UTF-8";

void append_page(std::string& out, const SearchQuery& query, const SearchPage& page) {
    json::ObjectWriter object(out);
    object.number("totalCount", page.total_count);
    object.number("totalPages", (page.total_count + query.size - 1) / query.size);
    object.number("page", query.page);
    object.number("size", query.size);
    object.boolean("hasMore", has_more(query, page));
    object.boolean("totalCountCapped", page.total_count_capped);
    json::append_array(object.member("products"), page.products,
                       [&](const Product& product) { append_product(out, product); });
}

}  // namespace

HttpResponse product_response(unsigned status, const Product& product, VersionMember version) {
    HttpResponse response{.status = status, .content_type = json_type};
    response.body.reserve(512);
    append_product(response.body, product, version);
    if (version == VersionMember::written) response.headers.emplace_back("ETag", version_etag(product.version));
    return response;
}

HttpResponse written_response(unsigned status, const Written& written) {
    const bool applied = written.state == Written::State::applied;
    HttpResponse response{.status = status};
    if (written.product && status != 204) {
        response =
            product_response(status, *written.product, applied ? VersionMember::written : VersionMember::left_out);
    }
    response.headers.emplace_back("Product-State", applied ? "applied" : "accepted");
    return response;
}

std::string location(const ProductId& id) { return "/api/v1/products/" + id.hex(); }

HttpResponse search_response(const SearchQuery& query, const SearchPage& page) {
    HttpResponse response{.content_type = json_type};
    append_page(response.body, query, page);
    return response;
}

}  // namespace productd
