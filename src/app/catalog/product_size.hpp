// The bound on a product's encoded form.
#pragma once

#include "domain/product.hpp"
#include "domain/result.hpp"

namespace productd {

/// out_of_range when `product` as JSON is larger than `bytes_max` (Limits.product_bytes_max).
Result<> check_size(const Product& product, std::size_t bytes_max);

/// The same of a draft, before it is laid over a product: out_of_range when `draft` as JSON is larger.
Result<> check_size(const Draft& draft, std::size_t bytes_max);

}  // namespace productd
