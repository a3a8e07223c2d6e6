// Reads a product through the cache: one read for all who miss the same id at the same time.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "app/catalog/load_limits.hpp"
#include "app/ports/product_cache.hpp"
#include "app/ports/product_store.hpp"

namespace productd {

class ReadThrough {
public:
    /// All outlive it. `limit`: how many reads the store may be asked at once.
    ReadThrough(ProductStore& store, ProductCache& cache, AdaptiveLimit& limit)
        : store_(store), cache_(cache), limit_(limit) {}

    /// What the cache knows, or else what is stored. A read that begins after a put sees that put or newer. One that
    /// shares another's asks for itself if that ran out of its own time.
    Task<CachedProduct> get(ProductId id, CallContext context);

private:
    struct Flight;
    Task<CachedProduct> load(ProductId id, CallContext context);
    Task<CachedProduct> follow(std::shared_ptr<Flight> flight, std::shared_ptr<asio::steady_timer> landed);
    void land(const ProductId& id, const std::shared_ptr<Flight>& flight, Result<CachedProduct> result);

    ProductStore& store_;
    ProductCache& cache_;
    AdaptiveLimit& limit_;
    std::mutex mutex_;
    std::unordered_map<ProductId, std::shared_ptr<Flight>> flights_;
};

}  // namespace productd
