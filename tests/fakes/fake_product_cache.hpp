// A cache in memory without bounds: newer versions win, a fill with an old ticket is dropped.
#pragma once

#include <map>
#include <mutex>

#include "app/ports/product_cache.hpp"

namespace productd {

class FakeProductCache : public ProductCache {
public:
    CacheLookup peek(const ProductId& id) override {
        const std::scoped_lock lock(mutex_);
        const auto it = entries_.find(id);
        return {it == entries_.end() ? std::nullopt : std::optional(it->second), CacheTicket{puts_}};
    }
    CacheTicket ticket(const ProductId&) override {
        const std::scoped_lock lock(mutex_);
        return {puts_};
    }
    asio::awaitable<CacheLookup> find(ProductId id, SpanContext) override { co_return peek(id); }

    asio::awaitable<void> put(ProductId id, CachedProduct entry) override {
        const std::scoped_lock lock(mutex_);
        ++puts_;
        auto& known = entries_[id];
        if (!known.version || !(entry.version < known.version)) known = std::move(entry);
        co_return;
    }
    asio::awaitable<void> forget_older(std::vector<ProductVersion> stored, SpanContext) override {
        const std::scoped_lock lock(mutex_);
        for (const auto& [id, version] : stored) {
            const auto it = entries_.find(id);
            if (it != entries_.end() && it->second.version && *it->second.version >= version) continue;
            ++puts_;
            entries_.erase(id);
        }
        co_return;
    }
    asio::awaitable<bool> fill(ProductId id, CachedProduct entry, CacheTicket ticket, SpanContext) override {
        const std::scoped_lock lock(mutex_);
        if (ticket.value != puts_) co_return false;
        entries_[id] = std::move(entry);
        co_return true;
    }

    void clear() {
        const std::scoped_lock lock(mutex_);
        entries_.clear();
    }

private:
    std::mutex mutex_;
    std::map<ProductId, CachedProduct> entries_;
    std::uint64_t puts_ = 0;
};

}  // namespace productd
