// A change as JSON, in pages and in events.
#pragma once

#include <string>

#include "app/ports/change_feed.hpp"

namespace productd {

enum class ProductMember { written, left_out };

/// Appends the object `Change` of api/openapi.yaml.
void append_change(std::string& out, const ProductChange& change, ProductMember product);

}  // namespace productd
