// What a cache in Redis is made from, and the names and times that follow from it.
#pragma once

#include "outbound/memory/memory_product_cache.hpp"
#include "outbound/redis/redis_connection.hpp"

namespace productd {

struct RedisCacheSettings {
    RedisSettings redis;
    std::string prefix = "products:";
    MemoryCacheSettings memory;               ///< Its ttl and negative_ttl count in Redis too, jitter included.
    std::chrono::milliseconds lease{10'000};  ///< A read of the store takes no longer, or does not fill.
    std::size_t in_flight_max = 10'000;       ///< Calls of Redis under way beyond which reads go without.
    std::size_t remembered_max = 100'000;     ///< Ids to be deleted in Redis beyond which all of the prefix is.

    /// Milliseconds, up to 10 % shorter or longer, so that keys made together do not end together.
    std::string ttl_of(const CachedProduct& entry) const;
    std::string key(const ProductId& id) const { return prefix + id.hex(); }
    /// Changes nothing, and is refused where nothing can be changed: by a replica.
    RedisCommands no_op_write() const { return {"UNLINK", prefix}; }
};

}  // namespace productd
