// The bound on a product's encoded form.
#pragma once

#include <cstddef>

#include "domain/product.hpp"
#include "domain/result.hpp"

namespace productd {

/// What `product` has as JSON with its version at its longest, in bytes. So it is the same before an event is
/// published, when there is no version yet, and where the event is applied; what a product remembers of the log does
/// not count.
std::size_t encoded_bytes(const Product& product);

/// out_of_range when `product` has more than `bytes_max` (Limits.product_bytes_max).
Result<> check_size(const Product& product, std::size_t bytes_max);

/// The same of the least that a product becomes which `draft` is laid over.
Result<> check_size(const Draft& draft, std::size_t bytes_max);

}  // namespace productd
