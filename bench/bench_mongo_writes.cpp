// The same documents in the same bulks through MongoProductStore and through libmongoc alone. Calls both.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "bench_mongo_database.hpp"
#include "bench_products.hpp"
#include "codec/product_bson.hpp"

namespace productd::bench {

namespace {

constexpr std::uint32_t batch_size = 1'000;
using Batch = std::vector<ProductWrite>;

struct Encoded {
    Bson filter;  ///< Of an update.
    Bson document;
};

/// The driver validates each document unless it is told not to; the store tells it not to.
enum class Side { store, raw, raw_encoding, raw_validating };
constexpr std::array sides{Side::store, Side::raw, Side::raw_encoding, Side::raw_validating};
constexpr std::array side_names{"MongoProductStore", "libmongoc", "libmongoc, and encoding",
                                "libmongoc, and validating"};

/// What the worker would write: products with one fence each. Updates replace version 1.
std::vector<Batch> batches_of(std::uint32_t products, bool are_updates) {
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

Encoded encoded(const ProductWrite& write) {
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

void append(mongoc_bulk_operation_t& bulk, const Encoded& item, const ItemOptions& options) {
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

Use raw(MongoDatabase& database, const MongoLoad& load, const std::vector<Batch>& batches, bool validates) {
    const ItemOptions options(validates);
    std::vector<std::vector<Encoded>> ready;
    for (const auto& batch : batches) {
        auto& items = ready.emplace_back();
        for (const auto& write : batch) items.push_back(encoded(write));
    }
    const Stopwatch watch;
    on_threads(database.clients(), load.writers, ready.size(), [&](mongoc_collection_t& products, std::size_t at) {
        write_raw(products, ready[at].size(), options, [&](std::size_t i) -> const Encoded& { return ready[at][i]; });
    });
    return watch.read();
}

Use raw_encoding(MongoDatabase& database, const MongoLoad& load, const std::vector<Batch>& batches) {
    const ItemOptions options(false);
    const Stopwatch watch;
    on_threads(database.clients(), load.writers, batches.size(), [&](mongoc_collection_t& products, std::size_t at) {
        write_raw(products, batches[at].size(), options, [&](std::size_t i) { return encoded(batches[at][i]); });
    });
    return watch.read();
}

asio::awaitable<void> write_all(ProductStore& store, std::vector<Batch>& batches, std::size_t& next) {
    while (next < batches.size()) {
        const auto outcomes = expect(co_await store.write(std::move(batches[next++]), Deadline::max()));
        for (const auto& outcome : outcomes) expect(outcome);
    }
}

Use through_store(MongoDatabase& database, const MongoLoad& load, std::vector<Batch> batches) {
    const auto store = expect(MongoProductStore::open(database.settings()));
    asio::io_context loop{1};
    const auto rethrow = [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    };
    asio::co_spawn(
        loop, [](ProductStore& store) -> asio::awaitable<void> { expect(co_await store.check()); }(*store), rethrow);
    loop.run();  // The driver has found its server, as it has for the others.
    loop.restart();
    std::size_t next = 0;
    const Stopwatch watch;
    for (std::size_t i = 0; i < load.writers; ++i) asio::co_spawn(loop, write_all(*store, batches, next), rethrow);
    loop.run();
    return watch.read();
}

Use run(Side side, const MongoLoad& load, bool are_updates) {
    MongoDatabase database(load);
    if (are_updates) raw(database, load, batches_of(load.products, false), false);
    auto batches = batches_of(load.products, are_updates);
    switch (side) {
        case Side::store: return through_store(database, load, std::move(batches));
        case Side::raw: return raw(database, load, batches, false);
        case Side::raw_validating: return raw(database, load, batches, true);
        case Side::raw_encoding: return raw_encoding(database, load, batches);
    }
    std::unreachable();
}

void measure(const MongoLoad& load, bool are_updates) {
    std::array<std::vector<double>, sides.size()> rates, cpu, ratios;
    for (int round = -1; round < load.rounds; ++round) {
        std::array<double, sides.size()> rate{};
        for (std::size_t i = 0; i < sides.size(); ++i) {
            // The first to run changes from round to round.
            const auto side = (i + static_cast<std::size_t>(round + 1)) % sides.size();
            const auto use = run(sides[side], load, are_updates);
            if (round < 0) continue;  // The server's compiler warms up.
            rate[side] = load.products / use.seconds;
            rates[side].push_back(rate[side]);
            cpu[side].push_back(use.cpu_seconds / load.products * 1e6);
        }
        for (std::size_t side = 0; side < sides.size() && round >= 0; ++side) {
            ratios[side].push_back(rate[0] / rate[side]);
        }
    }
    fmt::print("\n{:26} {:>11} {:>12} {:>24}\n", are_updates ? "updates" : "inserts", "documents/s", "µs CPU each",
               "store's rate / this one");
    for (std::size_t side = 0; side < sides.size(); ++side) {
        const auto [least, most] = std::ranges::minmax(ratios[side]);
        fmt::print("{:26} {:>11.0f} {:>11.1f} {:>10.2f} ({:.2f} to {:.2f})\n", side_names[side], median(rates[side]),
                   median(cpu[side]), median(ratios[side]), least, most);
    }
    std::fflush(stdout);
}

}  // namespace

void measure_writes(const MongoLoad& load) {
    const auto one = encoded(batches_of(1, false).front().front());
    fmt::print("\nbulk writes: {} products of {} bytes of BSON in unordered bulks of {}, {} at a time\n", load.products,
               one.document.get()->len, batch_size, load.writers);
    measure(load, false);
    measure(load, true);
}

}  // namespace productd::bench
