// Products that changed while Redis could not be told, and that it must forget before it is used again.
#pragma once

#include <atomic>
#include <unordered_set>
#include <vector>

#include "outbound/redis/redis_cache_settings.hpp"

namespace productd {

/// All on the loop, but for remembered().
class RedisCacheRepair {
public:
    /// The settings outlive it.
    explicit RedisCacheRepair(const RedisCacheSettings& settings) : settings_(settings) {}

    /// Redis may have something outdated under these. Beyond `remembered_max` ids all of the prefix counts as outdated.
    void remember(const std::vector<ProductId>& ids);
    /// Deletes what is remembered. Fails when Redis takes no writes or the connection is lost; the rest is then still
    /// remembered.
    Task<> run(RedisConnection& connection);
    std::size_t remembered() const { return count_.load(std::memory_order_relaxed); }

private:
    Task<> purge(RedisConnection& connection);

    const RedisCacheSettings& settings_;
    std::unordered_set<ProductId> ids_;
    bool all_ = false;
    std::atomic<std::size_t> count_{0};
};

}  // namespace productd
