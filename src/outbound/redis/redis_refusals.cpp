// Remembers the last refusal and says it in the log.
#include "outbound/redis/redis_refusals.hpp"

#include <utility>

#include "outbound/redis/redis_refusal.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::seconds refusals_quiet{30};

}  // namespace

void RedisRefusals::refused(const RespValue& reply) {
    const auto error = redis_refusal("Redis refuses writes", reply);
    count_.fetch_add(1, std::memory_order_relaxed);
    {
        const std::scoped_lock lock(mutex_);
        why_ = error;
    }
    // At the limit of its memory it may refuse one write and take the next.
    const auto now = std::chrono::steady_clock::now();
    if (now < quiet_until_) return;
    quiet_until_ = now + refusals_quiet;
    is_told_ = true;
    log::warn("Redis refuses writes: what changes is deleted there", {{"error", error.detail}, {"cause", error.cause}});
}

void RedisRefusals::taken() {
    if (std::exchange(is_told_, false)) log::info("Redis takes writes again");
    const std::scoped_lock lock(mutex_);
    why_.reset();
}

std::optional<Error> RedisRefusals::why() const {
    const std::scoped_lock lock(mutex_);
    return why_;
}

}  // namespace productd
