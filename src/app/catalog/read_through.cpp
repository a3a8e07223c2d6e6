// Single flight over cache and store. Calls both ports.
#include "app/catalog/read_through.hpp"

namespace productd {

namespace {

/// A leader that was cancelled, ran out of its time, or threw, leaves its followers to lead; after this many the read
/// is given up.
constexpr int leaders_max = 8;

Result<CachedProduct> given_up() { return fail(Errc::cancelled, "The read was given up."); }

}  // namespace

/// One read of the cache and the store, and those who wait for it, each on an executor of its own.
struct ReadThrough::Flight {
    CacheTicket ticket;
    std::vector<std::shared_ptr<asio::steady_timer>> waiting;
    std::optional<Result<CachedProduct>> result;
};

Task<CachedProduct> ReadThrough::load(ProductId id, CallContext context) {
    auto lookup = co_await cache_.find(id, context.trace);
    if (lookup.hit) co_return std::move(*lookup.hit);
    AdaptiveLimit::Place place(limit_);
    if (!place.is_in()) co_return fail(too_much("reads"));
    auto found = co_await find_one(store_, id, context);
    if (!found) co_return fail(std::move(found.error()));
    place.done();
    auto entry = cached(*found);
    const bool kept = co_await cache_.fill(id, entry, lookup.ticket, context.trace);
    if (!kept && entry.version) {
        // What others keep meanwhile may be older than what is shown here.
        std::vector<ProductVersion> stored{{id, *entry.version}};
        co_await cache_.forget_older(std::move(stored), context.trace);
    }
    co_return entry;
}

void ReadThrough::land(const ProductId& id, const std::shared_ptr<Flight>& flight, Result<CachedProduct> result) {
    const std::scoped_lock lock(mutex_);
    flight->result = std::move(result);
    if (const auto it = flights_.find(id); it != flights_.end() && it->second == flight) flights_.erase(it);
    for (auto& waiter : flight->waiting) {
        // The timer belongs to the waiter's executor: only there may it be touched.
        asio::post(waiter->get_executor(), [waiter] { waiter->cancel(); });
    }
}

Task<CachedProduct> ReadThrough::follow(std::shared_ptr<Flight> flight, std::shared_ptr<asio::steady_timer> landed) {
    boost::system::error_code ignored;
    co_await landed->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const std::scoped_lock lock(mutex_);
    if (flight->result) co_return *flight->result;
    // Nobody landed: this wait itself was cancelled.
    co_return fail(time_is_over());
}

Task<CachedProduct> ReadThrough::get(ProductId id, CallContext context) {
    auto executor = co_await asio::this_coro::executor;
    for (int leader = 0; leader < leaders_max; ++leader) {
        auto lookup = cache_.peek(id);
        if (lookup.hit) co_return std::move(*lookup.hit);

        std::shared_ptr<asio::steady_timer> landed;
        std::shared_ptr<Flight> flight;
        {
            const std::scoped_lock lock(mutex_);
            auto& entry = flights_[id];
            // A flight that took off before the last put may bring what is outdated by now: it is not joined.
            if (entry && entry->ticket == lookup.ticket) {
                landed = std::make_shared<asio::steady_timer>(executor, Deadline::max());
                entry->waiting.push_back(landed);
            } else {
                entry = std::make_shared<Flight>(Flight{lookup.ticket, {}, {}});
            }
            flight = entry;
        }
        if (landed) {
            auto followed = co_await follow(flight, landed);
            if (!followed && followed.error().code == Errc::cancelled) continue;
            co_return followed;
        }
        Result<CachedProduct> loaded;
        try {
            loaded = co_await load(id, context);
        } catch (...) {
            // Who follows leads a flight of its own then, and so does whoever comes next.
            land(id, flight, given_up());
            throw;
        }
        const bool is_late = !loaded && loaded.error().code == Errc::deadline_exceeded;
        land(id, flight, is_late ? given_up() : loaded);
        co_return loaded;
    }
    co_return fail(unavailable("The product could not be read in time: try again."));
}

}  // namespace productd
