// How long an entry stays in Redis.
#include "outbound/redis/redis_cache_settings.hpp"

#include <algorithm>
#include <random>

namespace productd {

namespace {

/// Each key's own is up to 10 % shorter or longer, so that keys made together do not end together.
std::chrono::milliseconds with_jitter(std::chrono::milliseconds ttl) {
    static thread_local std::minstd_rand random(std::random_device{}());
    return ttl * std::uniform_int_distribution<std::int64_t>(900, 1'100)(random) / 1'000;
}

}  // namespace

std::string RedisCacheSettings::ttl_of(const CachedProduct& entry) const {
    // A tombstone stays as long as a product would, so that no late write brings back what was deleted.
    const auto ttl = entry.version ? memory.ttl : memory.negative_ttl;
    return std::to_string(std::max<std::int64_t>(with_jitter(ttl).count(), 1));
}

}  // namespace productd
