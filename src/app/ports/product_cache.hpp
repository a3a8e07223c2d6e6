// The cache of products: a port. Called from any thread; a Task resumes on its caller's executor.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "async/async.hpp"
#include "domain/decide.hpp"
#include "tracing/trace_context.hpp"

namespace productd {

using ProductPtr = std::shared_ptr<const Product>;

/// What a cache knows of an id: the product, or that there is none (never stored, or a tombstone with its version).
struct CachedProduct {
    ProductPtr product;              ///< Null when there is none.
    std::optional<Version> version;  ///< Nothing when never stored.
};

CachedProduct cached(const Stored& stored);

/// Proof that nothing was put for an id since it was looked up: what was read meanwhile may be filled in.
struct CacheTicket {
    std::uint64_t value = 0;
    std::uint64_t lease = 0;  ///< What a cache behind this process knows the lookup by; 0 for none.
    /// Whether nothing came between the two lookups.
    bool operator==(const CacheTicket& other) const { return value == other.value; }
};

struct CacheLookup {
    std::optional<CachedProduct> hit;
    CacheTicket ticket;
};

/// What was written, to be put.
struct CacheEntry {
    ProductId id;
    CachedProduct product;
    std::optional<CacheTicket> ticket =
        {};  ///< Drawn before the write: where something came since, it may be outdated by now.
};

struct ProductVersion {
    ProductId id;
    Version version;
};

/// Never fails a call: a broken cache misses, and counts it. `trace` is who asks, for what asks others.
class ProductCache {
public:
    virtual ~ProductCache() = default;

    /// What this process holds, without waiting. Never blocks.
    virtual CacheLookup peek(const ProductId& id) = 0;
    /// The ticket of a lookup, without being one.
    virtual CacheTicket ticket(const ProductId& id) = 0;
    /// As peek, and then asks what stands behind it.
    virtual asio::awaitable<CacheLookup> find(ProductId id, SpanContext trace = {}) = 0;
    /// Keeps what was written, unless something newer is there. Resumes once a reader everywhere may see it.
    virtual asio::awaitable<void> put(ProductId id, CachedProduct entry) = 0;
    /// The same for many at once.
    virtual asio::awaitable<void> put_all(std::vector<CacheEntry> entries, SpanContext trace = {});
    /// Forgets what is older than a version that is known to be stored, here and in what stands behind: reads that
    /// begin after it see that version or a newer one. Unlike a put it can never bring back what is outdated by now.
    virtual asio::awaitable<void> forget_older(std::vector<ProductVersion> stored, SpanContext trace = {}) = 0;
    /// Keeps what was read from the store after a miss, unless the id was put or dropped since `ticket`; false then,
    /// and something older may be there.
    virtual asio::awaitable<bool> fill(ProductId id, CachedProduct entry, CacheTicket ticket,
                                       SpanContext trace = {}) = 0;
};

}  // namespace productd
