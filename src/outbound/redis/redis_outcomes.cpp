// Publishes to the channel of who waits, and tells those who wait here. Calls outcome_json and the client.
#include "outbound/redis/redis_outcomes.hpp"

#include <algorithm>

#include "outbound/redis/outcome_json.hpp"
#include "outbound/redis/redis_refusal.hpp"

namespace productd {

namespace {

constexpr std::string_view channel_prefix = "productd:outcomes:";
constexpr std::size_t instance_digits = 16;

/// The header is any producer's to write: only what can be a wait id names a channel.
bool is_wait_id(std::string_view text) {
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() > instance_digits && text.size() <= 64 && std::ranges::all_of(text, is_digit);
}

std::string channel_of(std::string_view instance) { return std::string(channel_prefix) + std::string(instance); }

}  // namespace

RedisOutcomes::RedisOutcomes(asio::any_io_executor loop, RedisSettings settings, Ids& ids, std::size_t waits_max,
                             std::function<bool()> cache_is_gone, Histogram* delays)
    : instance_(ids.wait_id().substr(0, instance_digits)),
      here_(ids, waits_max, instance_),
      in_flight_max_(settings.in_flight_max),
      delays_(delays),
      client_(std::move(loop), std::move(settings), session(std::move(cache_is_gone))) {}

RedisSession RedisOutcomes::session(std::function<bool()> cache_is_gone) {
    RedisSession session;
    session.heartbeat = {"PING"};
    session.prepare = [this](RedisConnection& connection) { return subscribe(connection); };
    session.pushed = [this](const RespValue& push) { heard(push); };
    session.without_it = "writes look in the store for their outcomes";
    session.is_told_by_another = std::move(cache_is_gone);
    return session;
}

/// The answer of SUBSCRIBE is a push, so it is not waited for; the PING behind it is.
Task<> RedisOutcomes::subscribe(RedisConnection& connection) {
    RedisCommands commands;
    commands.add_unanswered({"SUBSCRIBE", channel_of(instance_)});
    commands.add({"PING"});
    auto replies = co_await connection.exchange(std::move(commands));
    if (!replies) co_return fail(std::move(replies.error()));
    if (!replies->front().is_error()) co_return Result<>{};
    co_return fail(redis_refusal("Redis refuses the channel of outcomes", replies->front()));
}

void RedisOutcomes::tell(const std::string& wait_id, const Position& position, const Outcome& outcome) {
    if (wait_id.starts_with(instance_)) return here_.tell(wait_id, position, outcome);
    if (!is_wait_id(wait_id)) return;
    if (!client_.is_up() || client_.in_flight() >= in_flight_max_) {
        lost_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    const auto channel = channel_of(std::string_view(wait_id).substr(0, instance_digits));
    const auto text = encode_outcome({wait_id, position, outcome});
    const auto told = std::chrono::steady_clock::now();
    client_.post({"PUBLISH", channel, text}, [this, told](Result<RedisReplies> replies) {
        const bool is_heard = replies && replies->front().integer > 0;
        const std::chrono::duration<double> delay = std::chrono::steady_clock::now() - told;
        if (is_heard && delays_ != nullptr) delays_->observe(delay.count());
        (is_heard ? sent_ : lost_).fetch_add(1, std::memory_order_relaxed);
    });
}

void RedisOutcomes::heard(const RespValue& push) {
    if (push.items.size() != 3 || push.items[0].text != "message") return;
    const auto told = decode_outcome(push.items[2].text);
    if (!told || !told->wait_id.starts_with(instance_)) return;
    received_.fetch_add(1, std::memory_order_relaxed);
    here_.tell(told->wait_id, told->position, told->outcome);
}

RedisOutcomesStats RedisOutcomes::stats() const {
    const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
    return {read(sent_), read(received_), read(lost_)};
}

}  // namespace productd
