// One loop over all of them. Calls the store and the cache.
#include "app/catalog/late_writes.hpp"

#include <algorithm>
#include <cmath>

namespace productd {

namespace {

/// Asked for in one call.
constexpr std::size_t ids_at_once = 500;

}  // namespace

void LateWrites::expect(ProductId id) {
    asio::post(executor_, [this, id] {
        if (expected_.size() >= settings_.products_max && !expected_.contains(id)) return;
        expected_[id] = {0, after(0)};
        changed_.notify();
    });
}

void LateWrites::stop() {
    stopped_ = true;
    cutoff_.cut();
    changed_.notify();
}

Deadline LateWrites::after(int looks) const {
    return std::chrono::steady_clock::now() + settings_.pause_min * std::llround(std::pow(3, looks));
}

Deadline LateWrites::next_due() const {
    auto next = Deadline::max();
    for (const auto& [id, looks] : expected_) next = std::min(next, looks.next);
    return next;
}

std::vector<ProductId> LateWrites::due() const {
    const auto now = std::chrono::steady_clock::now();
    std::vector<ProductId> ids;
    for (const auto& [id, looks] : expected_) {
        if (looks.next <= now && ids.size() < ids_at_once) ids.push_back(id);
    }
    return ids;
}

void LateWrites::looked(const std::vector<ProductId>& ids, bool answered) {
    for (const auto& id : ids) {
        const auto it = expected_.find(id);
        if (it == expected_.end()) continue;
        auto& looks = it->second;
        if (answered) ++looks.done;
        looks.next = after(looks.done);
        if (looks.done >= settings_.looks) expected_.erase(it);
    }
}

asio::awaitable<void> LateWrites::look(std::vector<ProductId> ids) {
    const auto deadline = std::chrono::steady_clock::now() + settings_.call_timeout;
    auto found = co_await within(deadline, store_.find(ids, deadline), &cutoff_);
    looked(ids, found.has_value());
    if (!found) co_return;
    std::vector<ProductVersion> versions;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto& stored = (*found)[i];
        if (const auto known = stored ? version(*stored) : std::nullopt) versions.push_back({ids[i], *known});
    }
    if (!versions.empty()) co_await cache_.forget_older(std::move(versions));
}

asio::awaitable<void> LateWrites::run() {
    while (!stopped_) {
        auto ids = due();
        if (ids.empty()) {
            co_await changed_.wait_until(next_due());
        } else {
            co_await look(std::move(ids));
        }
    }
}

}  // namespace productd
