// What keeps Redis right: tracking of changes, ids whose write failed, and what is done before it is used again.
#include <algorithm>

#include "app/ports/ids.hpp"
#include "outbound/redis/redis_entry.hpp"
#include "outbound/redis/redis_product_cache.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::size_t removed_at_once = 1'000;
constexpr std::chrono::seconds refusals_quiet{30};

Error not_usable(const std::string& text) { return unavailable("Redis cannot be used: " + text + '.'); }

/// Sends and wants no error back.
Task<RedisReplies> granted(RedisConnection& connection, RedisCommands commands) {
    auto replies = co_await connection.exchange(std::move(commands));
    if (!replies) co_return replies;
    const auto error = std::ranges::find_if(*replies, &RespValue::is_error);
    if (error != replies->end()) co_return fail(not_usable(error->text));
    co_return replies;
}

}  // namespace

RedisSession RedisProductCache::session() {
    RedisSession session;
    session.greeting = {"CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", settings_.prefix, "NOLOOP"};
    session.heartbeat = no_op_write();
    session.prepare = [this](RedisConnection& connection) { return repair(connection); };
    session.up = [this] { flush(); };
    session.down = [this] { flush(); };
    session.pushed = [this](const RespValue& push) { invalidated(push); };
    session.without_it = "reads go to the store";
    return session;
}

void RedisProductCache::flush() {
    flushes_.fetch_add(1, std::memory_order_release);
    near_.clear();
}

/// `invalidate` with the keys, or with null when the whole database went.
void RedisProductCache::invalidated(const RespValue& push) {
    if (push.items.size() != 2 || push.items[0].text != "invalidate") return;
    if (push.items[1].kind == RespValue::Kind::null) return flush();
    for (const auto& changed : push.items[1].items) {
        const auto name = std::string_view(changed.text);
        if (!name.starts_with(settings_.prefix)) continue;
        invalidations_.fetch_add(1, std::memory_order_relaxed);
        if (const auto id = ProductId::parse(name.substr(settings_.prefix.size()))) near_.drop(*id);
    }
}

/// The ids of `ids` whose commands failed. With no answer at all nothing is known of any: they are remembered.
RedisProductCache::Ids RedisProductCache::not_kept(const Ids& ids, const Result<RedisReplies>& replies) {
    Ids failed;
    if (!replies) {
        remember(ids);
        return failed;
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!(*replies)[i].is_error()) continue;
        note_refusal((*replies)[i].text);
        failed.push_back(ids[i]);
    }
    return failed;
}

void RedisProductCache::remember(const Ids& ids) {
    if (all_remembered_) return;
    remembered_.insert(ids.begin(), ids.end());
    if (remembered_.size() > settings_.remembered_max) {
        remembered_.clear();
        all_remembered_ = true;
        log::warn("Redis missed too many changes: all cached products are deleted once it answers",
                  {{"prefix", settings_.prefix}});
    }
    remembered_count_ = all_remembered_ ? settings_.remembered_max : remembered_.size();
}

void RedisProductCache::note_refusal(const std::string& text) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    {
        const std::scoped_lock lock(mutex_);
        refusal_ = text;
    }
    // At the limit of its memory it may refuse one write and take the next.
    const auto now = std::chrono::steady_clock::now();
    if (now < quiet_until_) return;
    quiet_until_ = now + refusals_quiet;
    log::warn("Redis refuses writes: what changes is deleted there", {{"error", text}});
}

void RedisProductCache::note_write_taken() {
    const std::scoped_lock lock(mutex_);
    refusal_.clear();
}

Task<> RedisProductCache::repair(RedisConnection& connection) {
    auto writable = co_await granted(connection, no_op_write());
    if (!writable) co_return fail(std::move(writable.error()));
    // Others go on meanwhile: until nothing is left, and then at once to work.
    while (all_remembered_ || !remembered_.empty()) {
        if (std::exchange(all_remembered_, false)) {
            auto purged = co_await purge(connection);
            if (!purged) {
                all_remembered_ = true;
                co_return purged;
            }
        }
        Ids ids;
        RedisCommands unlinks;
        while (ids.size() < removed_at_once && !remembered_.empty()) {
            ids.push_back(remembered_.extract(remembered_.begin()).value());
            unlinks.add({"UNLINK", key(ids.back())});
        }
        if (ids.empty()) continue;
        auto removed = co_await granted(connection, std::move(unlinks));
        if (!removed) remember(ids);
        if (!removed) co_return fail(std::move(removed.error()));
    }
    remembered_count_ = 0;
    co_return Result<>{};
}

/// Deletes every key of the prefix, also those made meanwhile by others: they are read anew.
Task<> RedisProductCache::purge(RedisConnection& connection) {
    std::string cursor = "0";
    do {
        RedisCommands scan{"SCAN", cursor, "MATCH", settings_.prefix + '*', "COUNT", std::to_string(removed_at_once)};
        auto scanned = co_await granted(connection, std::move(scan));
        if (!scanned) co_return fail(std::move(scanned.error()));
        const auto& page = scanned->front().items;
        if (page.size() != 2) co_return fail(not_usable("SCAN is not answered as documented"));
        cursor = page[0].text;
        RedisCommands unlinks;
        for (const auto& name : page[1].items) unlinks.add({"UNLINK", name.text});
        if (unlinks.count() == 0) continue;
        auto removed = co_await granted(connection, std::move(unlinks));
        if (!removed) co_return fail(std::move(removed.error()));
    } while (cursor != "0");
    co_return Result<>{};
}

Task<> RedisProductCache::check() {
    if (auto up = client_.check(); !up) co_return up;
    const std::scoped_lock lock(mutex_);
    if (!refusal_.empty()) co_return fail(unavailable("Redis refuses writes: " + refusal_ + '.'));
    co_return Result<>{};
}

RedisCacheStats RedisProductCache::stats() const {
    const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
    return {read(hits_),    read(misses_),      read(skipped_),          read(refused_), read(invalidations_),
            read(flushes_), client_.failures(), read(remembered_count_), client_.is_up()};
}

}  // namespace productd
