// Deletes page by page, over a connection that nobody else uses yet.
#include "outbound/redis/redis_cache_repair.hpp"

#include <algorithm>

#include "outbound/redis/redis_refusal.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::size_t removed_at_once = 1'000;

/// Sends and wants no error back.
Task<RedisReplies> granted(RedisConnection& connection, RedisCommands commands) {
    auto replies = co_await connection.exchange(std::move(commands));
    if (!replies) co_return replies;
    const auto error = std::ranges::find_if(*replies, &RespValue::is_error);
    if (error != replies->end()) co_return fail(redis_refusal("Redis cannot be used", *error));
    co_return replies;
}

}  // namespace

void RedisCacheRepair::remember(const std::vector<ProductId>& ids) {
    if (all_) return;
    ids_.insert(ids.begin(), ids.end());
    if (ids_.size() > settings_.remembered_max) {
        ids_.clear();
        all_ = true;
        log::warn("Redis missed too many changes: all cached products are deleted once it answers",
                  {{"prefix", settings_.prefix}});
    }
    count_ = all_ ? settings_.remembered_max : ids_.size();
}

Task<> RedisCacheRepair::run(RedisConnection& connection) {
    auto writable = co_await granted(connection, settings_.no_op_write());
    if (!writable) co_return fail(std::move(writable.error()));
    // Others go on meanwhile: until nothing is left, and then at once to work.
    while (all_ || !ids_.empty()) {
        if (std::exchange(all_, false)) {
            auto purged = co_await purge(connection);
            if (!purged) {
                all_ = true;
                co_return purged;
            }
        }
        std::vector<ProductId> ids;
        RedisCommands unlinks;
        while (ids.size() < removed_at_once && !ids_.empty()) {
            ids.push_back(ids_.extract(ids_.begin()).value());
            unlinks.add({"UNLINK", settings_.key(ids.back())});
        }
        if (ids.empty()) continue;
        auto removed = co_await granted(connection, std::move(unlinks));
        if (!removed) remember(ids);
        if (!removed) co_return fail(std::move(removed.error()));
    }
    count_ = 0;
    co_return Result<>{};
}

/// Deletes every key of the prefix, also those made meanwhile by others: they are read anew.
Task<> RedisCacheRepair::purge(RedisConnection& connection) {
    std::string cursor = "0";
    do {
        RedisCommands scan{"SCAN", cursor, "MATCH", settings_.prefix + '*', "COUNT", std::to_string(removed_at_once)};
        auto scanned = co_await granted(connection, std::move(scan));
        if (!scanned) co_return fail(std::move(scanned.error()));
        const auto& page = scanned->front().items;
        if (page.size() != 2) co_return fail(unavailable("Redis cannot be used: SCAN is not answered as documented."));
        cursor = page[0].text;
        RedisCommands unlinks;
        for (const auto& name : page[1].items) unlinks.add({"UNLINK", name.text});
        if (unlinks.count() == 0) continue;
        auto removed = co_await granted(connection, std::move(unlinks));
        if (!removed) co_return fail(std::move(removed.error()));
    } while (cursor != "0");
    co_return Result<>{};
}

}  // namespace productd
