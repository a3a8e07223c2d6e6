// Writes products as JSON; reading is in product_json_reader.cpp.
#include "codec/product/product_json.hpp"

#include "codec/json/json_writer.hpp"

namespace productd {

namespace {

void append_photos(std::string& out, const std::vector<std::string>& photos) {
    json::append_array(out, photos, [&](const std::string& photo) { json::append_string(out, photo); });
}

}  // namespace

void append_product(std::string& out, const Product& product, VersionMember version) {
    json::ObjectWriter object(out);
    object.text("productId", product.id.hex());
    if (!product.category_id.is_none()) object.text("categoryId", product.category_id.hex());
    object.text("name", product.name);
    object.text("description", product.description);
    object.number("price", product.price);
    if (!product.image_url.empty()) object.text("imageUrl", product.image_url);
    append_photos(object.member("photos"), product.photos);
    object.number("quantity", product.quantity);
    object.number("rating", product.rating);
    object.time("createdAt", product.created_at);
    object.time("updatedAt", product.updated_at);
    if (version == VersionMember::written) object.number("version", product.version.value);
}

std::string draft_text(const Draft& draft, std::optional<ProductId> id, std::optional<Timestamp> created_at,
                       std::optional<Timestamp> updated_at) {
    std::string out;
    {
        json::ObjectWriter object(out);
        if (id) object.text("productId", id->hex());
        if (draft.category_id && draft.category_id->is_none()) object.null("categoryId");
        if (draft.category_id && !draft.category_id->is_none()) object.text("categoryId", draft.category_id->hex());
        if (draft.name) object.text("name", *draft.name);
        if (draft.description) object.text("description", *draft.description);
        if (draft.price) object.number("price", *draft.price);
        if (draft.image_url) object.text("imageUrl", *draft.image_url);
        if (draft.photos) append_photos(object.member("photos"), *draft.photos);
        if (draft.quantity) object.number("quantity", *draft.quantity);
        if (draft.rating) object.number("rating", *draft.rating);
        if (created_at) object.time("createdAt", *created_at);
        if (updated_at) object.time("updatedAt", *updated_at);
    }
    return out;
}

}  // namespace productd
