// Parses the path, the headers and the query; whether a product is allowed is for the use case to say.
#include "inbound/rest/product_requests.hpp"

#include <algorithm>

#include "domain/integer.hpp"
#include "domain/utf8.hpp"
#include "domain/validation.hpp"
#include "inbound/http/message/http_query.hpp"

namespace productd {

namespace {

constexpr std::size_t idempotency_key_max = 255;

bool equals_lower(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

/// A number of the query, `fallback` when absent. What is not an int64 is a violation.
std::int64_t query_number(const HttpRequest& request, const char* name, std::int64_t fallback,
                          std::vector<Violation>& found) {
    const auto value = query_value(request.query(), name);
    if (value && !*value) return fallback;
    if (const auto number = value ? parse_integer(**value) : std::nullopt) return *number;
    found.push_back({name, "type", std::string(name) + " must be an integer."});
    return fallback;
}

}  // namespace

Result<ProductId> parse_id(std::string_view text) {
    const auto id = ProductId::parse(text);
    if (!id) {
        return fail(invalid("The product id must be 24 hexadecimal digits.",
                            {{"productId", "id", "productId must be 24 hexadecimal digits."}}));
    }
    return *id;
}

bool is_json(const HttpRequest& request) {
    const auto type = request.header("content-type");
    if (!type) return false;
    auto media = type->substr(0, type->find(';'));
    while (media.ends_with(' ') || media.ends_with('\t')) media.remove_suffix(1);
    return equals_lower(media, "application/json");
}

bool is_uncoded(const HttpRequest& request) {
    const auto coding = request.header("content-encoding");
    return !coding || coding->empty() || equals_lower(*coding, "identity");
}

std::optional<std::string> list_header(const HttpRequest& request, std::string_view name) {
    std::optional<std::string> list;
    for (const auto& [key, value] : request.headers) {
        if (key != name) continue;
        if (list) {
            list->append(", ").append(value);
        } else {
            list = value;
        }
    }
    return list;
}

Result<std::optional<std::string>> idempotency_key(const HttpRequest& request) {
    const auto key = request.header("idempotency-key");
    if (!key) return std::optional<std::string>{};
    const bool is_visible = std::ranges::all_of(*key, [](char c) { return c >= 0x21 && c <= 0x7E; });
    if (key->empty() || key->size() > idempotency_key_max || !is_visible) {
        return fail(invalid("Idempotency-Key must have 1 to 255 visible ASCII characters."));
    }
    return std::optional(std::string(*key));
}

Result<SearchQuery> search_query(const HttpRequest& request) {
    SearchQuery query;
    auto text = query_value(request.query(), "search");
    if (!text) return fail(std::move(text.error()));
    query.text = text->value_or("");
    std::vector<Violation> found;
    if (!code_points(query.text)) found.push_back({"search", "utf8", "search must be valid UTF-8."});
    query.page = query_number(request, "page", query.page, found);
    query.size = query_number(request, "size", query.size, found);
    if (auto valid = accept(std::move(found)); !valid) return fail(std::move(valid.error()));
    return query;
}

}  // namespace productd
