// Outcomes over instances: each has a channel of Redis, named in its wait ids.
#pragma once

#include "app/catalog/process_outcomes.hpp"
#include "outbound/redis/redis_client.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

struct RedisOutcomesStats {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t lost = 0;  ///< Not sent, or nobody listened: whoever waits looks in the store.
};

/// A wait id is the instance's 16 hex digits and the request's own. What this instance finishes of its own requests is
/// told within the process.
class RedisOutcomes : public Outcomes {
public:
    /// `loop` has one thread and outlives it. `ids` makes wait ids; `waits_max` as of ProcessOutcomes. While the cache
    /// is gone, asked on the loop, its line in the log is enough. `delays`, if there are any, outlive it: the seconds
    /// until Redis has handed an outcome on to who waits for it.
    RedisOutcomes(asio::any_io_executor loop, RedisSettings settings, Ids& ids, std::size_t waits_max,
                  std::function<bool()> cache_is_gone = {}, Histogram* delays = nullptr);

    /// Keeps connected until stop(). Both on the loop.
    asio::awaitable<void> run() { return client_.run(); }
    void stop() { client_.stop(); }

    Hearing hearing() const override { return client_.is_up() ? Hearing::likely : Hearing::none; }
    std::unique_ptr<OutcomeWait> expect(asio::any_io_executor executor) override { return here_.expect(executor); }
    void tell(const std::string& wait_id, const Position& position, const Outcome& outcome) override;

    RedisOutcomesStats stats() const;

private:
    RedisSession session(std::function<bool()> cache_is_gone);
    Task<> subscribe(RedisConnection& connection);
    void heard(const RespValue& push);

    std::string instance_;
    ProcessOutcomes here_;
    std::size_t in_flight_max_;
    std::atomic<std::uint64_t> sent_{0}, received_{0}, lost_{0};
    Histogram* delays_;
    RedisClient client_;
};

}  // namespace productd
