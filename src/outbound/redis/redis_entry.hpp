// What stands under `products:<id>` in Redis. A product is plain JSON as the older service writes it, with its version
// as the last member; what productd adds is JSON that is no product:
//   {"deleted":true,"version":3}   a tombstone, which nothing older replaces
//   {"absent":true}                there is no such product, for a short time
//   {"lease":"4f3c…"}              somebody reads it from the store; only who saw this lease before reading may fill it
//   in
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "app/ports/product_cache.hpp"

namespace productd {

/// A read of the store is under way. Numbers are random, so that no two leases are the same.
struct RedisLease {
    std::uint64_t number = 0;
};
/// Not ours, and no product.
struct RedisForeign {};
using RedisEntry = std::variant<CachedProduct, RedisLease, RedisForeign>;

std::string encode_redis_entry(const CachedProduct& entry);
std::string encode_redis_lease(RedisLease lease);
/// `id`: a product of another id is foreign.
RedisEntry decode_redis_entry(const ProductId& id, std::string_view text);

/// Keeps ARGV[1] under KEYS[1] for ARGV[3] milliseconds, unless what is there has a version above ARGV[2]; "" is below
/// every version. Returns 1 when it was kept. Versions are compared as decimal text: Lua's numbers are doubles.
extern const std::string_view put_if_newer_script;
/// Deletes what is under KEYS[1] unless its version is ARGV[1] or above. A lease goes too: its holder may have read
/// what is older. Returns 1 when it was deleted.
extern const std::string_view forget_older_script;
/// Keeps ARGV[1] for ARGV[3] milliseconds if the lease ARGV[2] is still there. Returns 1 when it was kept.
extern const std::string_view fill_script;

}  // namespace productd
