// This process's entries as Redis tracks them: it says which keys have changed, and nothing once it is lost.
#pragma once

#include <atomic>

#include "outbound/memory/memory_product_cache.hpp"
#include "outbound/redis/redis_cache_settings.hpp"

namespace productd {

/// Told on the loop, asked from any thread. Settings and entries outlive it.
class RedisTracking {
public:
    RedisTracking(const RedisCacheSettings& settings, MemoryProductCache& near) : settings_(settings), near_(near) {}

    /// What asks Redis for it. Our own changes are not told (NOLOOP).
    RedisCommands greeting() const {
        return {"CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", settings_.prefix, "NOLOOP"};
    }
    /// Drops what Redis says has changed.
    void take(const RespValue& push);
    /// All go: when a connection begins or ends, nothing is known of what changed meanwhile.
    void flush();

    std::uint64_t flushes() const { return flushes_.load(std::memory_order_acquire); }
    std::uint64_t invalidations() const { return invalidations_.load(std::memory_order_relaxed); }

private:
    const RedisCacheSettings& settings_;
    MemoryProductCache& near_;
    std::atomic<std::uint64_t> flushes_{0}, invalidations_{0};
};

}  // namespace productd
