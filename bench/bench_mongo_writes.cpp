// The same documents in the same bulks through MongoProductStore and through libmongoc alone. Calls both.
#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>

#include "bench_mongo_database.hpp"
#include "bench_mongo_raw.hpp"

namespace productd::bench {

namespace {

/// The driver validates each document unless it is told not to; the store tells it not to.
enum class Side { store, raw, raw_encoding, raw_validating };
constexpr std::array sides{Side::store, Side::raw, Side::raw_encoding, Side::raw_validating};
constexpr std::array side_names{"MongoProductStore", "libmongoc", "libmongoc, and encoding",
                                "libmongoc, and validating"};

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
