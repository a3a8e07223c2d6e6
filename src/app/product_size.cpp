// Calls the product codec.
#include "app/product_size.hpp"

#include "codec/product_json.hpp"

namespace productd {

Result<> check_size(const Draft& draft, std::size_t bytes_max) {
    const auto bytes = draft_text(draft, std::nullopt, std::nullopt, std::nullopt).size();
    if (bytes <= bytes_max) return {};
    return fail(Errc::out_of_range, "The product has " + std::to_string(bytes) + " bytes as JSON; at most " +
                                        std::to_string(bytes_max) + " are allowed.");
}

}  // namespace productd
