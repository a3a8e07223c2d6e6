// Products to store, and short calls, for the suites of ProductStore.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/ports/product_store.hpp"
#include "fakes/await.hpp"

namespace productd::contract {

inline Timestamp time_of(std::int64_t milliseconds) {
    return Timestamp(std::chrono::milliseconds(1'700'000'000'000 + milliseconds));
}

inline ProductId store_id(int number) {
    return ProductId({0x65, 0, 0, 0, 1, 2, 3, 4, 5, static_cast<std::uint8_t>(number >> 16),
                      static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)});
}

/// The higher the number, the newer.
inline Product product(int number, std::string name = "Lamp", std::string description = "It shines") {
    return {.id = store_id(number),
            .name = std::move(name),
            .description = std::move(description),
            .price = 19.99,
            .image_url = "https://example.com/lamp.png",
            .photos = {"a.png", "b.png"},
            .quantity = number,
            .rating = 5,
            .created_at = time_of(number),
            .updated_at = time_of(number),
            .version = {1}};
}

inline Product at_version(Product product, std::int64_t version) {
    product.version = {version};
    return product;
}

inline History history(std::size_t fences) {
    std::vector<Fence> entries;
    for (std::size_t i = 0; i < fences; ++i) {
        const auto number = static_cast<std::int64_t>(i);
        entries.push_back({{i % 2 ? "create-product" : "update-product", static_cast<std::int32_t>(i)},
                           i % 3 ? INT64_MAX - number : number,
                           time_of(number - 5)});
    }
    return {Fences(std::move(entries)), {}, time_of(7)};
}

inline std::optional<Errc> code(const WriteOutcome& outcome) {
    return outcome ? std::nullopt : std::optional(outcome.error().code);
}

template <class Harness>
class ProductStoreFixture : public ::testing::Test {
protected:
    ProductStore& store() { return harness_.store(); }

    template <class T>
    static T value_of(Result<T> result) {
        EXPECT_TRUE(result) << result.error().detail << ' ' << result.error().cause;
        return result ? std::move(*result) : T{};
    }

    std::vector<Stored> find(std::vector<ProductId> ids) {
        std::vector<Stored> stored;
        for (auto& found : value_of(await(store().find(std::move(ids), Deadline::max())))) {
            stored.push_back(found ? std::move(*found) : Stored{});
            EXPECT_TRUE(found) << found.error().detail << ' ' << found.error().cause;
        }
        return stored;
    }
    std::vector<WriteOutcome> write(std::vector<ProductWrite> writes) {
        return value_of(await(store().write(std::move(writes), Deadline::max())));
    }
    SearchPage search(std::string text, std::int64_t page = 1, std::int64_t size = 100,
                      std::int64_t count_max = 10'000) {
        return value_of(await(store().search({std::move(text), page, size, count_max}, Deadline::max())));
    }

    std::optional<Errc> write_one(ProductWrite write) {
        const auto outcomes = this->write({std::move(write)});
        return outcomes.size() == 1 ? code(outcomes[0]) : Errc::internal;
    }
    void create(Product product) {
        EXPECT_EQ(write_one({std::nullopt, StoredProduct{std::move(product), {}}}), std::nullopt);
    }
    std::optional<Product> found(int number) {
        const auto stored = find({store_id(number)});
        if (stored.empty() || !std::holds_alternative<StoredProduct>(stored[0])) return std::nullopt;
        return std::get<StoredProduct>(stored[0]).product;
    }
    static std::vector<ProductId> ids(const std::vector<Product>& products) {
        std::vector<ProductId> ids;
        for (const auto& product : products) ids.push_back(product.id);
        return ids;
    }

    /// Stores products of which many have the same time, neither in the order of time nor of id. Returns them in the
    /// order they must come out.
    std::vector<Product> create_many_of_equal_times() {
        std::vector<Product> products;
        for (int i = 0; i < 97; ++i) {
            auto next = product(i * 31 % 97);
            next.created_at = time_of(i * 53 % 97 / 20);
            products.push_back(next);
        }
        for (std::size_t i = 0; i < products.size(); ++i) {
            if (i % 10 != 0) continue;
            std::vector<ProductWrite> writes;
            for (auto k = i; k < std::min(i + 10, products.size()); ++k) {
                writes.push_back({std::nullopt, StoredProduct{products[k], {}}});
            }
            write(std::move(writes));
        }
        std::ranges::sort(products, [](const Product& a, const Product& b) {
            return a.created_at != b.created_at ? a.created_at > b.created_at : a.id < b.id;
        });
        return products;
    }

    Harness harness_;
};

}  // namespace productd::contract
