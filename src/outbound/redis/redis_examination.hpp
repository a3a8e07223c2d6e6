// What `productd doctor` wants to know of a Redis.
#pragma once

#include "outbound/redis/redis_product_cache.hpp"

namespace productd {

/// Connects as the cache does: authenticates, asks to be told of changes, makes a write that changes nothing, and asks
/// for a channel. Blocks for some seconds at most. Fails with why Redis cannot be used.
Result<> examine_redis(const RedisCacheSettings& settings);

}  // namespace productd
