// The products that bench_pipeline and bench_mongo send: small ones, as a shop has them.
#pragma once

#include <string>
#include <vector>

#include "domain/validation.hpp"

namespace productd::bench {

inline ProductId id_of(std::uint32_t number) {
    ProductId::Bytes bytes{0x65, 0x53, 0xf1, 0x00};
    for (std::size_t i = 0; i < 4; ++i) bytes[11 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return ProductId{bytes};
}

inline ValidDraft draft_of(std::uint32_t product, std::uint32_t variant) {
    const auto number = std::to_string(product);
    return validated({.category_id = CategoryId::parse("5ff4b6a0e0b1f0a1b2c3d4e5"),
                      .name = "Portable wireless speaker " + number,
                      .description =
                          "Stainless steel and leather, with a battery for twelve hours, a compact charger and two "
                          "years of warranty; also sold in black, number " +
                          number + ".",
                      .price = 9.99 + variant,
                      .image_url = "https://images.example.com/products/" + number + "/main.jpg",
                      .photos = std::vector<std::string>{"https://images.example.com/products/" + number + "/front.jpg",
                                                         "https://images.example.com/products/" + number + "/back.jpg"},
                      .quantity = 100 + variant,
                      .rating = 1 + variant},
                     Required::all)
        .value();
}

}  // namespace productd::bench
