// Short words for what these tests do to a cache and see of it.
#pragma once

#include "contract/product_cache_contract.hpp"
#include "stack/own_redis.hpp"

namespace productd::test {

using contract::cache_id;
using contract::cached_product;
using contract::cached_tombstone;
using contract::never_stored;

inline std::int64_t version_in(const CacheLookup& lookup) {
    return lookup.hit && lookup.hit->version ? lookup.hit->version->value : -1;
}

/// What a reader of the instance sees now; -1 for a miss.
inline std::int64_t found(RedisCacheInstance& instance, std::uint8_t number) {
    return version_in(await(instance.cache().find(cache_id(number))));
}
inline std::int64_t peeked(RedisCacheInstance& instance, std::uint8_t number) {
    return version_in(instance.cache().peek(cache_id(number)));
}
inline void put(RedisCacheInstance& instance, std::uint8_t number, std::int64_t version) {
    await(instance.cache().put(cache_id(number), cached_product(number, version)));
}
inline std::string complaint(RedisCacheInstance& instance) {
    const auto checked = await(instance.cache().check());
    return checked ? "" : checked.error().detail + ' ' + checked.error().cause;
}
inline void wait_up(RedisCacheInstance& instance) {
    RedisCacheInstance::wait_for([&] { return instance.cache().stats().is_up; });
}
inline void wait_down(RedisCacheInstance& instance) {
    RedisCacheInstance::wait_for([&] { return !instance.cache().stats().is_up; });
}

}  // namespace productd::test
