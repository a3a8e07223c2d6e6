// The bound on a product's encoded form.
#pragma once

#include "domain/product.hpp"
#include "domain/result.hpp"

namespace productd {

/// out_of_range when `draft` as JSON is larger than `bytes_max` (Limits.product_bytes_max).
Result<> check_size(const Draft& draft, std::size_t bytes_max);

}  // namespace productd
