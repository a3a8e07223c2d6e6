// Sweeps, drains and cuts the connections of one executor. Calls the peers.
#include "inbound/http/http_shard.hpp"

#include <utility>
#include <vector>

namespace productd {

HttpShard::HttpShard(asio::any_io_executor executor, HttpListener& listener)
    : executor_(std::move(executor)), listener_(listener), exchange_(listener), closing_(executor_) {}

/// Peers come and go while they are acted upon, so the list is not walked itself.
template <class Act>
void HttpShard::each(Act act) {
    std::vector<std::shared_ptr<HttpPeer>> now;
    now.reserve(peers_.size());
    for (const auto& weak : peers_) {
        if (auto peer = weak.lock()) now.push_back(std::move(peer));
    }
    for (const auto& peer : now) act(*peer);
}

asio::awaitable<void> HttpShard::watch() {
    while (!closed_) {
        co_await closing_.wait_until(std::chrono::steady_clock::now() + listener_.settings.timeouts.sweep);
        each([now = std::chrono::steady_clock::now()](HttpPeer& peer) { peer.sweep(now); });
    }
}

void HttpShard::close() {
    closed_ = true;
    closing_.notify();
}

HttpShard::Idle HttpShard::longest_idle() const {
    Idle longest;
    for (const auto& weak : peers_) {
        const auto peer = weak.lock();
        const auto since = peer ? peer->idle_since() : std::nullopt;
        if (since && *since < longest.since) longest = {*since, weak};
    }
    return longest;
}

void HttpShard::drain() {
    draining_ = true;
    each([](HttpPeer& peer) { peer.drain(); });
}

void HttpShard::cut() {
    each([](HttpPeer& peer) { peer.cut(); });
}

}  // namespace productd
