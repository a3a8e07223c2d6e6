// Reads back what was stored.
#include "codec/json/json_members.hpp"
#include "codec/product/product_json.hpp"
#include "codec/time_text.hpp"

namespace productd {

namespace {

template <class Id>
std::optional<Id> id_in(const std::optional<std::string>& text) {
    return text ? Id::parse(*text) : std::nullopt;
}

std::optional<Timestamp> time_in(const std::optional<std::string>& text) {
    return text ? parse_time(*text) : std::nullopt;
}

}  // namespace

std::optional<Product> read_stored_product(std::string_view text) {
    const auto root = json::Object::parse(text);
    if (!root) return std::nullopt;
    json::Members members(*root);
    Product product;
    product.id = members.needed(id_in<ProductId>(root->text("productId")));
    product.category_id = members.optional("categoryId", id_in<CategoryId>(root->text("categoryId")));
    product.name = members.optional("name", root->text("name"));
    product.description = members.optional("description", root->text("description"));
    // Null is a price that was none (append_product): the store knows which.
    if (root->has("price")) product.price = members.needed(root->number("price"));
    product.image_url = members.optional("imageUrl", root->text("imageUrl"));
    product.photos = members.optional("photos", root->texts("photos"));
    product.quantity = members.optional("quantity", root->integer("quantity"));
    product.rating = members.optional("rating", root->integer("rating"));
    product.created_at = members.needed(time_in(root->text("createdAt")));
    product.updated_at = members.needed(time_in(root->text("updatedAt")));
    product.version = {members.optional("version", root->integer("version"))};
    if (!members.complete()) return std::nullopt;
    return product;
}

}  // namespace productd
