// What a product is: its content, and what the service adds to it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/object_id.hpp"

namespace productd {

/// UTC in milliseconds, as the documents keep it.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// 1 at creation, one more at every change; 0 for a document of the older service, which has none.
struct Version {
    std::int64_t value = 0;
    constexpr Version next() const { return {value + 1}; }
    constexpr auto operator<=>(const Version&) const = default;
};

struct Product {
    ProductId id;
    CategoryId category_id;  ///< None (zeros) when unset.
    std::string name;
    std::string description;
    double price = 0;
    std::string image_url;  ///< Empty when unset.
    std::vector<std::string> photos;
    std::int64_t quantity = 0;
    std::int64_t rating = 0;
    Timestamp created_at{};
    Timestamp updated_at{};
    Version version{};
    bool operator==(const Product&) const = default;
};

/// What a caller asks a product to be. A member that is absent keeps the stored value; an optional one that is
/// empty (none, "", []) clears it.
struct Draft {
    std::optional<CategoryId> category_id;
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<double> price;
    std::optional<std::string> image_url;
    std::optional<std::vector<std::string>> photos;
    std::optional<std::int64_t> quantity;
    std::optional<std::int64_t> rating;
    bool operator==(const Draft&) const = default;
};

/// `product` with what `draft` gives laid over it; id, times and version stay.
Product merged(Product product, const Draft& draft);

}  // namespace productd
