// The store as requests see it: not asked while it is known not to answer, so that nobody waits for it.
#pragma once

#include "app/ports/outcomes.hpp"
#include "app/ports/product_store.hpp"
#include "app/ports/store_health.hpp"

namespace productd {

/// Every call fails with unavailable while `health` says that the store is down, and when it comes to say so. A write
/// that is cut may be made all the same, like any that fails. The worker asks the store itself: it has to learn when
/// that is back.
class GuardedStore : public ProductStore {
public:
    /// Both outlive it.
    GuardedStore(ProductStore& store, StoreHealth& health) : store_(store), health_(health) {}

    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext context) override {
        return while_it_answers(health_, store_.find(std::move(ids), context));
    }
    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext context) override {
        return while_it_answers(health_, store_.write(std::move(writes), context));
    }
    Task<SearchPage> search(SearchQuery query, CallContext context) override {
        return while_it_answers(health_, store_.search(std::move(query), context));
    }
    Task<> check() override { return store_.check(); }

private:
    ProductStore& store_;
    StoreHealth& health_;
};

/// The worker's state as requests see it: the store is down for them as soon as either knows.
class GuardedPipeline : public PipelineState {
public:
    GuardedPipeline(PipelineState& worker, StoreHealth& health) : worker_(worker), health_(health) {}
    std::chrono::milliseconds lag() const override { return worker_.lag(); }
    bool store_is_down() const override { return health_.is_down() || worker_.store_is_down(); }

private:
    PipelineState& worker_;
    StoreHealth& health_;
};

}  // namespace productd
