// The documents that the service would write, written by libmongoc alone.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "app/ports/product_store.hpp"
#include "bench_mongo.hpp"
#include "bench_products.hpp"
#include "codec/product/product_bson.hpp"
#include "outbound/mongo/mongo_client.hpp"

namespace productd::bench {

inline constexpr std::uint32_t batch_size = 1'000;
using Batch = std::vector<ProductWrite>;

struct Encoded {
    Bson filter;  ///< Of an update.
    Bson document;
};

/// What the worker would write: products with one fence each. Updates replace version 1.
inline std::vector<Batch> batches_of(std::uint32_t products, bool are_updates) {
    const Timestamp created{std::chrono::seconds{1'700'000'000}};
    std::vector<Batch> batches;
    for (std::uint32_t number = 0; number < products; ++number) {
        if (number % batch_size == 0) batches.emplace_back();
        StoredProduct next;
        next.product = merged({.id = id_of(number)}, draft_of(number, are_updates ? 1 : 0));
        next.product.created_at = created;
        next.product.updated_at = created + std::chrono::seconds{are_updates ? 60 : 0};
        next.product.version = {are_updates ? 2 : 1};
        const auto* topic = are_updates ? "update-product" : "create-product";
        next.history.fences = Fences({{{topic, static_cast<std::int32_t>(number % 3)}, number / 3, created}});
        const auto expected = are_updates ? std::optional(Version{1}) : std::nullopt;
        batches.back().push_back({expected, std::move(next)});
    }
    return batches;
}

inline Encoded encoded(const ProductWrite& write) {
    Encoded item{.document = encode_document(write.next, {})};
    if (write.expected) {
        item.filter.id("_id", std::get<StoredProduct>(write.next).product.id);
        item.filter.integer("version", write.expected->value);
    }
    return item;
}

struct ItemOptions {
    Bson insert, upsert;

    explicit ItemOptions(bool validates) {
        upsert.boolean("upsert", true);
        if (validates) return;
        insert.boolean("validate", false);
        upsert.boolean("validate", false);
    }
};

inline void append(mongoc_bulk_operation_t& bulk, const Encoded& item, const ItemOptions& options) {
    const bool is_update = bson_count_keys(item.filter.get()) > 0;
    bson_error_t error{};
    const bool is_taken =
        is_update ? mongoc_bulk_operation_replace_one_with_opts(&bulk, item.filter.get(), item.document.get(),
                                                                options.upsert.get(), &error)
                  : mongoc_bulk_operation_insert_with_opts(&bulk, item.document.get(), options.insert.get(), &error);
    if (!is_taken) throw std::runtime_error(error.message);
}

/// One unordered bulk of the driver; `item_at` gives each item.
template <class ItemAt>
void write_raw(mongoc_collection_t& products, std::size_t items, const ItemOptions& options, ItemAt item_at) {
    Bson unordered;
    unordered.boolean("ordered", false);
    using MongoBulk = std::unique_ptr<mongoc_bulk_operation_t, DestroyedBy<mongoc_bulk_operation_destroy>>;
    const MongoBulk bulk(mongoc_collection_create_bulk_operation_with_opts(&products, unordered.get()));
    for (std::size_t i = 0; i < items; ++i) append(*bulk, item_at(i), options);
    bson_error_t error{};
    MongoReply reply;
    if (!mongoc_bulk_operation_execute(bulk.get(), reply.out(), &error)) throw std::runtime_error(error.message);
    bson_iter_t upserted;
    if (bson_iter_init_find(&upserted, &reply.get(), "nUpserted") && bson_iter_as_int64(&upserted) > 0) {
        throw std::runtime_error("An update did not find its product.");
    }
}

/// Each thread with its own connection takes the next batch until there is none.
template <class Write>
void on_threads(MongoClients& clients, std::size_t threads, std::size_t batches, Write write) {
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> running;
    running.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        running.emplace_back([&] {
            const MongoClients::Client client(clients);
            const auto products = client.collection();
            for (auto at = next++; at < batches; at = next++) write(*products, at);
        });
    }
}

}  // namespace productd::bench
