// The store of bench_pipeline: a map with compare-and-set, each bulk call answered after a given time.
#pragma once

#include <stdexcept>
#include <unordered_map>

#include "app/ports/product_store.hpp"
#include "bench_pipeline_log.hpp"

namespace productd::bench {

struct Delays {
    std::chrono::milliseconds find{0};
    std::chrono::milliseconds write{0};
};

/// On the worker's thread, but a call that waits holds up nobody. Without a delay calls end where they are made.
class BenchStore : public ProductStore {
public:
    /// Begins with every product of the load at version 1.
    explicit BenchStore(Delays delays) : delays_(delays) {
        for (std::uint32_t n = 0; n < Load::products; ++n) {
            auto product = merged(Product{.id = id_of(n)}, draft_of(n, 0));
            product.version = {1};
            stored_.emplace(id_of(n), StoredProduct{std::move(product), {}});
        }
    }

    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext) override {
        if (delays_.find.count() > 0) co_await sleep_until(Steady::now() + delays_.find);
        const auto began = Steady::now();
        std::vector<Found> found;
        found.reserve(ids.size());
        for (const auto& id : ids) found.push_back(stored_.at(id));
        spent += seconds_since(began);
        co_return found;
    }

    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext) override {
        if (delays_.write.count() > 0) co_await sleep_until(Steady::now() + delays_.write);
        const auto began = Steady::now();
        std::vector<WriteOutcome> outcomes;
        outcomes.reserve(writes.size());
        for (auto& item : writes) {
            auto& stands = stored_.at(std::get<StoredProduct>(item.next).product.id);
            if (version(stands) == item.expected) {
                stands = std::move(item.next);
                outcomes.emplace_back();
            } else {
                outcomes.push_back(fail(Errc::aborted, "another version is stored"));
            }
        }
        spent += seconds_since(began);
        co_return outcomes;
    }

    Task<SearchPage> search(SearchQuery, CallContext) override { throw std::logic_error("nobody searches here"); }
    Task<> check() override { co_return Result<>{}; }

    /// How many changes the products have behind them.
    std::uint64_t changes() const {
        std::uint64_t sum = 0;
        for (const auto& [id, stored] : stored_) sum += static_cast<std::uint64_t>(version(stored)->value - 1);
        return sum;
    }
    double spent = 0;  ///< Seconds of the worker's thread in here.

private:
    Delays delays_;
    std::unordered_map<ProductId, Stored> stored_;
};

}  // namespace productd::bench
