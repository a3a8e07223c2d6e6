// What a stored state takes in memory, for who keeps a bounded number of them.
#pragma once

#include <cstddef>
#include <string>

#include "domain/decide.hpp"

namespace productd {

/// About so many bytes: its own and those of its texts, photos and fences.
inline std::size_t stored_bytes(const Stored& stored) {
    std::size_t bytes = sizeof(Stored);
    if (const auto* known = history(stored)) bytes += known->fences.entries().size() * sizeof(Fence);
    if (const auto* found = std::get_if<StoredProduct>(&stored)) {
        const auto& product = found->product;
        bytes += product.name.size() + product.description.size() + product.image_url.size();
        for (const auto& photo : product.photos) bytes += sizeof(std::string) + photo.size();
    }
    return bytes;
}

}  // namespace productd
