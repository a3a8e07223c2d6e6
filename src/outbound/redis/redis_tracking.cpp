// Reads the invalidations that Redis pushes (https://redis.io/docs/latest/develop/reference/client-side-caching).
#include "outbound/redis/redis_tracking.hpp"

namespace productd {

void RedisTracking::flush() {
    flushes_.fetch_add(1, std::memory_order_release);
    near_.clear();
}

/// `invalidate` with the keys, or with null when the whole database went.
void RedisTracking::take(const RespValue& push) {
    if (push.items.size() != 2 || push.items[0].text != "invalidate") return;
    if (push.items[1].kind == RespValue::Kind::null) return flush();
    for (const auto& changed : push.items[1].items) {
        const auto name = std::string_view(changed.text);
        if (!name.starts_with(settings_.prefix)) continue;
        invalidations_.fetch_add(1, std::memory_order_relaxed);
        if (const auto id = ProductId::parse(name.substr(settings_.prefix.size()))) near_.drop(*id);
    }
}

}  // namespace productd
