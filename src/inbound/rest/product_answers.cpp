// Renders what the catalog answered. Calls the product codec.
#include "inbound/rest/product_answers.hpp"

#include "codec/json_text.hpp"
#include "inbound/rest/http_query.hpp"

namespace productd {

namespace {

constexpr std::string_view json_type = "application/json; charset=UTF-8";

}  // namespace

HttpResponse product_response(unsigned status, const Product& product, VersionMember version) {
    HttpResponse response{.status = status, .content_type = std::string(json_type)};
    response.body.reserve(512);
    append_product(response.body, product, version);
    if (version == VersionMember::written) response.headers.emplace_back("ETag", entity_tag(product.version));
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
    HttpResponse response{.content_type = std::string(json_type)};
    auto& out = response.body;
    const auto number = [&](std::string_view name, std::int64_t value) {
        out += name;
        json::append_number(out, value);
    };
    number(R"({"totalCount":)", page.total_count);
    number(R"(,"totalPages":)", (page.total_count + query.size - 1) / query.size);
    number(R"(,"page":)", query.page);
    number(R"(,"size":)", query.size);
    out += R"(,"hasMore":)";
    out += has_more(query, page) ? "true" : "false";
    out += R"(,"totalCountCapped":)";
    out += page.total_count_capped ? "true" : "false";
    out += R"(,"products":[)";
    for (std::size_t i = 0; i < page.products.size(); ++i) {
        if (i > 0) out += ',';
        append_product(out, page.products[i]);
    }
    out += "]}";
    return response;
}

}  // namespace productd
