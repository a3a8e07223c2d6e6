// Estimates a product's size from its texts, and encodes it only when that may be too much. Calls the product codec.
#include "app/catalog/product_size.hpp"

#include "codec/product/product_json.hpp"

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

constexpr std::string_view longest_version = R"(,"version":9223372036854775807)";

}  // namespace

std::size_t encoded_bytes(const Product& product) {
    std::string text;
    append_product(text, product, VersionMember::left_out);
    return text.size() + longest_version.size();
}

Result<> check_size(const Product& product, std::size_t bytes_max) {
    if (text_bytes(product) * escaped_max + frame_bytes_max <= bytes_max) return {};
    const auto bytes = encoded_bytes(product);
    if (bytes <= bytes_max) return {};
    return fail(Errc::out_of_range, "The product has " + std::to_string(bytes) + " bytes as JSON; at most " +
                                        std::to_string(bytes_max) + " are allowed.");
}

Result<> check_size(const Draft& draft, std::size_t bytes_max) {
    return check_size(merged(Product{}, draft), bytes_max);
}

}  // namespace productd
