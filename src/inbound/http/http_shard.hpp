// The connections of one executor, and the one timer that watches all their deadlines.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>

#include "async/async.hpp"
#include "inbound/http/http_exchange.hpp"

namespace productd {

/// A session of any HTTP version, as its shard sees it. All methods are called on the shard's executor.
class HttpPeer {
public:
    virtual ~HttpPeer() = default;
    /// Ends what is overdue.
    virtual void sweep(std::chrono::steady_clock::time_point now) = 0;
    /// Answers what is being answered, then closes; at once when nothing is.
    virtual void drain() = 0;
    /// Closes now.
    virtual void cut() = 0;
    /// Since when its client lets it wait for a request, or for the handshake; nothing while there is work.
    virtual std::optional<std::chrono::steady_clock::time_point> idle_since() const = 0;
};

/// Used from its executor alone.
class HttpShard {
public:
    HttpShard(asio::any_io_executor executor, HttpListener& listener);

    const asio::any_io_executor& executor() const { return executor_; }
    HttpListener& listener() { return listener_; }
    HttpExchange& exchange() { return exchange_; }

    /// A peer is known from here on until the place is given back.
    using Place = std::list<std::weak_ptr<HttpPeer>>::iterator;
    Place add(const std::shared_ptr<HttpPeer>& peer) { return peers_.insert(peers_.end(), peer); }
    void remove(Place place) { peers_.erase(place); }

    /// Looks at all deadlines again and again, until close().
    asio::awaitable<void> watch();
    void close();

    struct Idle {
        std::chrono::steady_clock::time_point since = std::chrono::steady_clock::time_point::max();
        std::weak_ptr<HttpPeer> peer;
    };
    /// The peer whose client has let it wait longest; nobody when all have work.
    Idle longest_idle() const;

    void drain();
    void cut();
    bool draining() const { return draining_; }

private:
    template <class Act>
    void each(Act act);

    asio::any_io_executor executor_;
    HttpListener& listener_;
    HttpExchange exchange_;
    std::list<std::weak_ptr<HttpPeer>> peers_;
    Signal closing_;
    bool closed_ = false;
    bool draining_ = false;
};

}  // namespace productd
