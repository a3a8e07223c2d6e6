// The calls under way, and who ends them. Calls nobody.
#include "app/ports/store_health.hpp"

namespace productd {

void StoreHealth::note(bool answers) {
    if (is_down_.exchange(!answers) == !answers || answers) return;
    const std::scoped_lock lock(mutex_);
    for (const auto& [executor, call] : calls_) {
        asio::post(executor, [call] {
            if (const auto alive = call.lock()) alive->cut();
        });
    }
}

StoreHealth::Call::Call(StoreHealth& health, const asio::any_io_executor& executor) : health_(health) {
    const std::scoped_lock lock(health_.mutex_);
    at_ = health_.calls_.emplace(health_.calls_.end(), executor, cutoff_);
}

StoreHealth::Call::~Call() {
    const std::scoped_lock lock(health_.mutex_);
    health_.calls_.erase(at_);
}

}  // namespace productd
