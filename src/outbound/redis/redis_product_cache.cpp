// Reads through this process's entries and Redis, writes to both, and drops here what Redis says has changed. What
// keeps Redis right after a failure is RedisCacheRepair's. Calls the client and the entries.
#include "outbound/redis/redis_product_cache.hpp"

#include <fmt/format.h>

#include "outbound/redis/redis_entry.hpp"

namespace productd {

namespace {

/// What a lookup's ticket holds instead of a lease when Redis did not answer. 0 is of a peek, which asked nobody.
constexpr std::uint64_t went_without = UINT64_MAX;

std::uint64_t random_lease() {
    static thread_local std::mt19937_64 random(std::random_device{}());
    return std::uniform_int_distribution<std::uint64_t>(1, went_without - 1)(random);
}

}  // namespace

RedisProductCache::RedisProductCache(asio::any_io_executor loop, RedisCacheSettings settings)
    : settings_(std::move(settings)),
      near_(settings_.memory),
      tracking_(settings_, near_),
      repair_(settings_),
      client_(std::move(loop), settings_.redis, session()) {}

// ---------------------------------------------------------------------------------------------- connection

RedisSession RedisProductCache::session() {
    RedisSession session;
    session.greeting = tracking_.greeting();
    session.heartbeat = settings_.no_op_write();
    session.prepare = [this](RedisConnection& connection) { return repair_.run(connection); };
    session.up = [this] { tracking_.flush(); };
    session.down = [this] { tracking_.flush(); };
    session.pushed = [this](const RespValue& push) { tracking_.take(push); };
    session.without_it = "reads go to the store, and writes look there for their outcomes";
    return session;
}

// ---------------------------------------------------------------------------------------------- read

asio::awaitable<CacheLookup> RedisProductCache::find(ProductId id, SpanContext) {
    auto lookup = near_.find_now(id);
    if (lookup.hit) co_return lookup;
    lookup.ticket.lease = went_without;
    if (!client_.is_up() || client_.in_flight() >= settings_.in_flight_max) {
        skipped_.fetch_add(1, std::memory_order_relaxed);
        co_return lookup;
    }
    auto found = co_await look(id);
    if (!found || found->lost) co_return lookup;
    lookup.hit = std::move(found->hit);
    lookup.ticket.lease = found->lease;
    if (lookup.hit || found->lease != 0) co_return lookup;
    auto lease = co_await take_lease(id, found->foreign);
    lookup.ticket.lease = lease.value_or(went_without);
    co_return lookup;
}

Task<RedisProductCache::Look> RedisProductCache::look(ProductId id) {
    RedisCommands get{"GET", settings_.key(id)};
    auto take = [this, id](Result<RedisReplies> replies) -> Result<Look> { return taken(id, std::move(replies)); };
    co_return co_await client_.ask(std::move(get), std::move(take));
}

/// Where the answer stands in the stream it is what Redis has: kept here until Redis says otherwise.
RedisProductCache::Look RedisProductCache::taken(const ProductId& id, Result<RedisReplies> replies) {
    if (!replies) {
        skipped_.fetch_add(1, std::memory_order_relaxed);
        return {.lost = true};
    }
    const auto& reply = replies->front();
    const bool foreign = reply.is_error() && reply.text.starts_with("WRONGTYPE");
    if (reply.is_error() && !foreign) {
        refusals_.read_refused();
        return {.lost = true};
    }
    RedisEntry entry = RedisForeign{};
    if (reply.kind == RespValue::Kind::text) entry = decode_redis_entry(id, reply.text);
    if (auto* product = std::get_if<CachedProduct>(&entry)) {
        hits_.fetch_add(1, std::memory_order_relaxed);
        near_.keep(id, *product);
        return {.hit = std::move(*product)};
    }
    misses_.fetch_add(1, std::memory_order_relaxed);
    if (const auto* lease = std::get_if<RedisLease>(&entry)) return {.lease = lease->number};
    return {.foreign = reply.kind != RespValue::Kind::null};
}

/// Leaves a lease, so that what is read from now on can be filled in. What is foreign goes first. Fails where Redis
/// does.
Task<std::uint64_t> RedisProductCache::take_lease(ProductId id, bool foreign) {
    const auto number = random_lease();
    const auto name = settings_.key(id);
    RedisCommands commands;
    if (foreign) commands.add({"UNLINK", name});
    const auto lasts = std::to_string(settings_.lease.count());
    commands.add({"SET", name, encode_redis_lease({number}), "NX", "PX", lasts});
    auto take = [this, id, number](Result<RedisReplies> replies) -> Result<std::uint64_t> {
        // A change in the same instant may be hidden behind ours, of which Redis does not tell us (NOLOOP).
        near_.drop(id);
        if (!replies) return fail(std::move(replies.error()));
        refusals_.note_write(replies->back());
        return number;  // Where somebody else was faster, it is good for nothing.
    };
    co_return co_await client_.ask(std::move(commands), std::move(take));
}

// ---------------------------------------------------------------------------------------------- write

asio::awaitable<void> RedisProductCache::put(ProductId id, CachedProduct entry) {
    std::vector<CacheEntry> entries;
    entries.push_back({id, std::move(entry)});
    co_await put_all(std::move(entries), {});
    // Who asks next finds it here. The script's own invalidation stands before this answer.
    auto looked = co_await look(id);
    static_cast<void>(looked);
}

asio::awaitable<void> RedisProductCache::put_all(std::vector<CacheEntry> entries, SpanContext) {
    RedisCommands commands;
    Ids ids;
    for (const auto& [id, entry, ticket] : entries) {
        const auto version = entry.version ? std::to_string(entry.version->value) : std::string();
        if (ticket && ticket->lease != tracking_.flushes()) {
            // Redis may have lost a newer version since it was written: nothing is left that could be compared.
            commands.add({"EVAL", forget_older_script, "1", settings_.key(id), version});
        } else {
            const auto text = encode_redis_entry(entry);
            commands.add({"EVAL", put_if_newer_script, "1", settings_.key(id), text, version, settings_.ttl_of(entry)});
        }
        near_.drop(id);
        ids.push_back(id);
    }
    co_await change(std::move(ids), std::move(commands));
}

asio::awaitable<void> RedisProductCache::forget_older(std::vector<ProductVersion> stored, SpanContext) {
    RedisCommands commands;
    Ids ids;
    for (const auto& [id, version] : stored) {
        commands.add({"EVAL", forget_older_script, "1", settings_.key(id), std::to_string(version.value)});
        ids.push_back(id);
    }
    co_await change(std::move(ids), std::move(commands));
}

asio::awaitable<void> RedisProductCache::change(Ids ids, RedisCommands commands) {
    if (ids.empty()) co_return;
    auto take = [this, ids](Result<RedisReplies> replies) -> Result<Ids> {
        // From here in the stream on, no answer is older than this change.
        for (const auto& id : ids) near_.drop(id);
        auto failed = not_kept(ids, replies);
        if (replies && failed.empty()) refusals_.taken();
        return failed;
    };
    auto failed = co_await client_.ask(std::move(commands), std::move(take));
    if (failed && !failed->empty()) {
        auto removed = co_await remove(std::move(*failed));
        static_cast<void>(removed);  // What could not be removed is remembered.
    }
}

/// The ids of `ids` whose commands failed. With no answer at all nothing is known of any: they are remembered.
RedisProductCache::Ids RedisProductCache::not_kept(const Ids& ids, const Result<RedisReplies>& replies) {
    Ids failed;
    if (!replies) {
        repair_.remember(ids);
        return failed;
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!(*replies)[i].is_error()) continue;
        refusals_.refused((*replies)[i]);
        failed.push_back(ids[i]);
    }
    return failed;
}

/// What Redis could not keep it may at least forget: a full one does.
Task<> RedisProductCache::remove(Ids ids) {
    RedisCommands commands;
    for (const auto& id : ids) commands.add({"UNLINK", settings_.key(id)});
    auto take = [this, ids](Result<RedisReplies> replies) -> Result<> {
        for (const auto& id : ids) near_.drop(id);
        const auto left = not_kept(ids, replies);
        if (left.empty()) return {};
        repair_.remember(left);
        client_.reconnect(refusals_.why().value_or(unavailable("Redis takes no writes.")));
        return {};
    };
    co_return co_await client_.ask(std::move(commands), std::move(take));
}

asio::awaitable<bool> RedisProductCache::fill(ProductId id, CachedProduct entry, CacheTicket ticket, SpanContext) {
    if (ticket.lease == went_without) {
        // This process has shown what Redis may not have yet: nobody may go back behind that.
        auto removed = co_await remove({id});
        co_return removed.has_value();
    }
    if (ticket.lease == 0) {
        if (near_.ticket(id) != ticket) co_return false;
        co_await put(id, std::move(entry));
        co_return true;
    }
    RedisCommands commands{"EVAL",
                           fill_script,
                           "1",
                           settings_.key(id),
                           encode_redis_entry(entry),
                           encode_redis_lease({ticket.lease}),
                           settings_.ttl_of(entry)};
    auto take = [this, id](Result<RedisReplies> replies) -> Result<bool> {
        near_.drop(id);
        if (!replies) {
            repair_.remember({id});
            return true;  // And then nothing older is there.
        }
        refusals_.note_write(replies->front());
        return replies->front().integer == 1;
    };
    auto filled = co_await client_.ask(std::move(commands), std::move(take));
    co_return filled.value_or(true);
}

Task<> RedisProductCache::check() {
    if (auto up = client_.check(); !up) co_return up;
    if (auto why = refusals_.why()) co_return fail(std::move(*why));
    co_return Result<>{};
}

RedisCacheStats RedisProductCache::stats() const {
    const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
    return {read(hits_),         read(misses_),      read(skipped_),       refusals_.count(), tracking_.invalidations(),
            tracking_.flushes(), client_.failures(), repair_.remembered(), client_.is_up()};
}

}  // namespace productd
