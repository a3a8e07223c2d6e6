// How a draft is laid over a product. Calls nobody.
#include "domain/product.hpp"

namespace productd {

namespace {

template <class T>
void assign(T& member, const std::optional<T>& given) {
    if (given) member = *given;
}

}  // namespace

Product merged(Product product, const Draft& draft) {
    assign(product.category_id, draft.category_id);
    assign(product.name, draft.name);
    assign(product.description, draft.description);
    assign(product.price, draft.price);
    assign(product.image_url, draft.image_url);
    assign(product.photos, draft.photos);
    assign(product.quantity, draft.quantity);
    assign(product.rating, draft.rating);
    return product;
}

}  // namespace productd
