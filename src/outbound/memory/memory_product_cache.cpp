// Looks up, keeps and evicts under one short lock a shard. Calls nobody.
#include "outbound/memory/memory_product_cache.hpp"

namespace productd {

namespace {

/// What the allocator takes for a block of this size: its header, and sizes rounded up to 16.
constexpr std::size_t heap_bytes(std::size_t size) { return size == 0 ? 0 : (size + 8 + 15) / 16 * 16; }

std::size_t text_bytes(const std::string& text) {
    static const std::size_t inside = std::string().capacity();
    return text.capacity() <= inside ? 0 : heap_bytes(text.capacity() + 1);
}

std::size_t product_bytes(const Product& product) {
    constexpr std::size_t control_block = 16;
    auto bytes = heap_bytes(sizeof(Product) + control_block) + text_bytes(product.name) +
                 text_bytes(product.description) + text_bytes(product.image_url) +
                 heap_bytes(product.photos.capacity() * sizeof(std::string));
    for (const auto& photo : product.photos) bytes += text_bytes(photo);
    return bytes;
}

/// The library's hash leaves bits that are the same for all ids of one process; shards and tickets need all of them
/// mixed.
std::size_t spread(const ProductId& id) {
    auto hash = std::hash<ProductId>{}(id) * 0x9E3779B97F4A7C15ULL;
    return hash ^ (hash >> 32) ^ (hash >> 52);
}

/// Whether `given` knows less than `kept`: an older version, or none at all.
bool is_older(const CachedProduct& given, const CachedProduct& kept) {
    return kept.version && (!given.version || *given.version < *kept.version);
}

}  // namespace

MemoryProductCache::MemoryProductCache(MemoryCacheSettings settings) : settings_(std::move(settings)) {
    for (std::size_t i = 0; i < shard_count; ++i) shards_[i].random.seed(static_cast<std::uint32_t>(i + 1));
}

CacheLookup MemoryProductCache::peek(const ProductId& id) {
    const auto hash = spread(id);
    const auto now = settings_.now();
    auto& shard = this->shard(hash);
    const std::scoped_lock lock(shard.mutex);
    CacheLookup lookup{std::nullopt, {ticket_in(shard, hash)}};
    const auto found = shard.entries.find(id);
    if (found == shard.entries.end()) return lookup;
    if (found->second.expires_at <= now) {
        erase(shard, found->second);
        return lookup;
    }
    found->second.visited = true;
    lookup.hit = found->second.value;
    ++shard.stats.hits;
    return lookup;
}

asio::awaitable<CacheLookup> MemoryProductCache::find(ProductId id, SpanContext) { co_return find_now(id); }

CacheLookup MemoryProductCache::find_now(const ProductId& id) {
    auto lookup = peek(id);
    if (!lookup.hit) misses_.fetch_add(1, std::memory_order_relaxed);
    return lookup;
}

asio::awaitable<void> MemoryProductCache::put(ProductId id, CachedProduct entry) {
    const auto hash = spread(id);
    auto& shard = this->shard(hash);
    const std::scoped_lock lock(shard.mutex);
    ++ticket_in(shard, hash);
    keep_in(shard, id, std::move(entry));
    co_return;
}

asio::awaitable<void> MemoryProductCache::forget_older(std::vector<ProductVersion> stored, SpanContext) {
    for (const auto& [id, version] : stored) {
        const auto hash = spread(id);
        auto& shard = this->shard(hash);
        const std::scoped_lock lock(shard.mutex);
        const auto kept = shard.entries.find(id);
        const bool known = kept != shard.entries.end();
        if (known && kept->second.value.version && *kept->second.value.version >= version) continue;
        ++ticket_in(shard, hash);
        if (known) erase(shard, kept->second);
    }
    co_return;
}

asio::awaitable<bool> MemoryProductCache::fill(ProductId id, CachedProduct entry, CacheTicket ticket, SpanContext) {
    const auto hash = spread(id);
    auto& shard = this->shard(hash);
    const std::scoped_lock lock(shard.mutex);
    // Without this, a slow read could bring back what was replaced since, once the newer entry was evicted.
    if (ticket_in(shard, hash) != ticket.value) co_return false;
    keep_in(shard, id, std::move(entry));
    co_return true;
}

void MemoryProductCache::keep(const ProductId& id, CachedProduct entry) {
    auto& shard = this->shard(spread(id));
    const std::scoped_lock lock(shard.mutex);
    keep_in(shard, id, std::move(entry));
}

void MemoryProductCache::drop(const ProductId& id) {
    const auto hash = spread(id);
    auto& shard = this->shard(hash);
    const std::scoped_lock lock(shard.mutex);
    ++ticket_in(shard, hash);
    if (const auto kept = shard.entries.find(id); kept != shard.entries.end()) erase(shard, kept->second);
}

void MemoryProductCache::clear() {
    for (auto& shard : shards_) {
        const std::scoped_lock lock(shard.mutex);
        for (auto& ticket : shard.tickets) ++ticket;
        shard.entries.clear();
        shard.newest = shard.oldest = shard.hand = nullptr;
        shard.stats.bytes = 0;
    }
}

CacheTicket MemoryProductCache::ticket(const ProductId& id) {
    const auto hash = spread(id);
    auto& shard = this->shard(hash);
    const std::scoped_lock lock(shard.mutex);
    return {ticket_in(shard, hash)};
}

MemoryCacheStats MemoryProductCache::stats() const {
    MemoryCacheStats sum;
    sum.misses = misses_.load(std::memory_order_relaxed);
    for (const auto& shard : shards_) {
        const std::scoped_lock lock(shard.mutex);
        sum.hits += shard.stats.hits;
        sum.evictions += shard.stats.evictions;
        sum.entries += shard.entries.size();
        sum.bytes += shard.stats.bytes;
    }
    return sum;
}

/// Several ids share a counter; then a fill is refused without need, which costs one more read.
std::uint64_t& MemoryProductCache::ticket_in(Shard& shard, std::size_t hash) {
    return shard.tickets[hash / shard_count % tickets_per_shard];
}

void MemoryProductCache::keep_in(Shard& shard, const ProductId& id, CachedProduct value) {
    if (const auto kept = shard.entries.find(id); kept != shard.entries.end()) {
        const bool expired = kept->second.expires_at <= settings_.now();
        if (!expired && is_older(value, kept->second.value)) return;
        erase(shard, kept->second);
    }
    // An entry of the map with its bucket and two pointers of the library's.
    const auto bytes = heap_bytes(sizeof(std::pair<const ProductId, Entry>) + 2 * sizeof(void*)) + sizeof(void*) +
                       (value.product ? product_bytes(*value.product) : 0);
    const auto bytes_max = settings_.bytes_max / shard_count;
    if (bytes > bytes_max) return;
    while (shard.stats.bytes + bytes > bytes_max) evict_one(shard);
    insert(shard, id, std::move(value), bytes);
}

void MemoryProductCache::insert(Shard& shard, const ProductId& id, CachedProduct value, std::size_t bytes) {
    const auto expires_at = expiry(shard, value);
    auto& entry = shard.entries[id];
    entry = {std::move(value), expires_at, bytes, false, id, nullptr, shard.newest};
    (shard.newest ? shard.newest->newer : shard.oldest) = &entry;
    shard.newest = &entry;
    shard.stats.bytes += bytes;
}

void MemoryProductCache::erase(Shard& shard, Entry& entry) {
    if (shard.hand == &entry) shard.hand = entry.newer;
    (entry.newer ? entry.newer->older : shard.newest) = entry.older;
    (entry.older ? entry.older->newer : shard.oldest) = entry.newer;
    shard.stats.bytes -= entry.bytes;
    shard.entries.erase(ProductId(entry.id));
}

/// Lets go the first entry not visited since the hand passed it. Ends: each entry passed loses its flag.
void MemoryProductCache::evict_one(Shard& shard) {
    auto* candidate = shard.hand ? shard.hand : shard.oldest;
    while (candidate->visited) {
        candidate->visited = false;
        candidate = candidate->newer ? candidate->newer : shard.oldest;
    }
    shard.hand = candidate->newer;
    erase(shard, *candidate);
    ++shard.stats.evictions;
}

MemoryProductCache::Time MemoryProductCache::expiry(Shard& shard, const CachedProduct& value) const {
    const auto ttl = value.product ? settings_.ttl : settings_.negative_ttl;
    const auto permille = std::uniform_int_distribution<std::int64_t>(900, 1'100)(shard.random);
    return settings_.now() + ttl / 1000 * permille + ttl % 1000 * permille / 1000;
}

}  // namespace productd
