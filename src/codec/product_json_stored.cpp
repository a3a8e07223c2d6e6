// Reads back what was stored. Calls json_object and time_text.
#include "codec/json_object.hpp"
#include "codec/product_json.hpp"
#include "codec/time_text.hpp"

namespace productd {

namespace {

/// Reads members and remembers whether each that must be there is.
class Members {
public:
    explicit Members(const json::Object& from) : from_(from) {}

    template <class T>
    T needed(std::optional<T> value) {
        complete_ = complete_ && value;
        return std::move(value).value_or(T{});
    }
    template <class T>
    T optional(const char* name, std::optional<T> value) {
        if (!from_.has(name) || from_.is_null(name)) return T{};
        return needed(std::move(value));
    }
    template <class Id>
    std::optional<Id> id(const char* name) const {
        const auto text = from_.text(name);
        return text ? Id::parse(*text) : std::nullopt;
    }
    std::optional<Timestamp> time(const char* name) const {
        const auto text = from_.text(name);
        return text ? parse_time(*text) : std::nullopt;
    }
    bool complete() const { return complete_; }

private:
    const json::Object& from_;
    bool complete_ = true;
};

}  // namespace

std::optional<Product> read_stored_product(std::string_view text) {
    const auto root = json::Object::parse(text);
    if (!root) return std::nullopt;
    Members members(*root);
    Product product;
    product.id = members.needed(members.id<ProductId>("productId"));
    product.category_id = members.optional("categoryId", members.id<CategoryId>("categoryId"));
    product.name = members.optional("name", root->text("name"));
    product.description = members.optional("description", root->text("description"));
    product.price = members.optional("price", root->number("price"));
    product.image_url = members.optional("imageUrl", root->text("imageUrl"));
    product.photos = members.optional("photos", root->texts("photos"));
    product.quantity = members.optional("quantity", root->integer("quantity"));
    product.rating = members.optional("rating", root->integer("rating"));
    product.created_at = members.needed(members.time("createdAt"));
    product.updated_at = members.needed(members.time("updatedAt"));
    product.version = {members.optional("version", root->integer("version"))};
    if (!members.complete()) return std::nullopt;
    return product;
}

}  // namespace productd
