// Estimates a product's size from its texts, and encodes it only when that may be too much. Calls the product codec.
#include "app/catalog/product_size.hpp"

#include "codec/product_json.hpp"

namespace productd {

namespace {

/// JSON writes a byte as six at the worst; ids, numbers, times and names take less than this.
constexpr std::size_t escaped_max = 6;
constexpr std::size_t frame_bytes_max = 600;

std::size_t text_bytes(const Product& product) {
    std::size_t bytes = product.name.size() + product.description.size() + product.image_url.size();
    for (const auto& photo : product.photos) bytes += photo.size() + 1;
    return bytes;
}

Result<> check_bytes(std::size_t bytes, std::size_t bytes_max) {
    if (bytes <= bytes_max) return {};
    return fail(Errc::out_of_range, "The product has " + std::to_string(bytes) + " bytes as JSON; at most " +
                                        std::to_string(bytes_max) + " are allowed.");
}

}  // namespace

Result<> check_size(const Product& product, std::size_t bytes_max) {
    if (text_bytes(product) * escaped_max + frame_bytes_max <= bytes_max) return {};
    std::string text;
    append_product(text, product);
    return check_bytes(text.size(), bytes_max);
}

Result<> check_size(const Draft& draft, std::size_t bytes_max) {
    return check_bytes(draft_text(draft, std::nullopt, std::nullopt, std::nullopt).size(), bytes_max);
}

}  // namespace productd
