// Clock, ids, store and cache in memory, with faults on demand. All for one thread; the log is beside.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "app/ports/clock.hpp"
#include "app/ports/ids.hpp"
#include "app/ports/outcomes.hpp"
#include "app/ports/product_cache.hpp"
#include "app/ports/product_store.hpp"

namespace productd::test {

class FakeClock : public Clock {
public:
    Timestamp now() const override { return time; }
    Timestamp time{std::chrono::milliseconds{1'700'000'000'000}};
};

class FakeIds : public Ids {
public:
    ProductId next() override {
        ProductId::Bytes bytes{2};
        bytes[11] = static_cast<std::uint8_t>(++count_);
        return ProductId{bytes};
    }
    std::string wait_id() override { return "wait-" + std::to_string(++count_); }

private:
    int count_ = 0;
};

/// Compare-and-set over a map.
class FakeProductStore : public ProductStore {
public:
    std::map<ProductId, Stored> stored;
    std::map<ProductId, Error> unreadable;  ///< Why what is there under these ids cannot be read.
    /// Asked before every call; an Error fails the call as a whole.
    std::function<Result<>(const char* operation)> on_call = [](const char*) { return Result<>{}; };
    /// Asked for every item of a write; an Error fails that item alone.
    std::function<Result<>(const ProductWrite&)> on_item = [](const ProductWrite&) { return Result<>{}; };
    /// Awaited before every write, to hold it up.
    std::function<asio::awaitable<void>()> before_write;
    /// Asked for every write with what it writes; an Error fails it as a whole.
    std::function<Task<>(const std::vector<ProductId>&)> on_write;
    int finds = 0;
    int writes = 0;
    std::size_t largest_write = 0;

    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext) override {
        ++finds;
        if (auto allowed = on_call("find"); !allowed) co_return fail(allowed.error());
        std::vector<Found> found;
        for (const auto& id : ids) {
            const auto why = unreadable.find(id);
            found.push_back(why == unreadable.end() ? Found(get(id)) : fail(why->second));
        }
        co_return found;
    }

    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> items, CallContext) override {
        ++writes;
        largest_write = std::max(largest_write, items.size());
        if (before_write) co_await before_write();
        if (on_write) {
            std::vector<ProductId> ids;
            for (const auto& item : items) ids.push_back(id_of(item));
            if (auto allowed = co_await on_write(ids); !allowed) co_return fail(allowed.error());
        }
        if (auto allowed = on_call("write"); !allowed) co_return fail(allowed.error());
        std::vector<WriteOutcome> outcomes;
        for (auto& item : items) outcomes.push_back(write_one(item));
        co_return outcomes;
    }

    Task<SearchPage> search(SearchQuery, CallContext) override { co_return SearchPage{}; }
    Task<> check() override { co_return on_call("check"); }

    Stored get(const ProductId& id) const {
        const auto it = stored.find(id);
        return it == stored.end() ? Stored{Nothing{}} : it->second;
    }
    const Product* product(const ProductId& id) const {
        const auto it = stored.find(id);
        if (it == stored.end()) return nullptr;
        const auto* found = std::get_if<StoredProduct>(&it->second);
        return found ? &found->product : nullptr;
    }

private:
    static ProductId id_of(const ProductWrite& item) {
        const auto* product = std::get_if<StoredProduct>(&item.next);
        return product ? product->product.id : std::get<Tombstone>(item.next).id;
    }
    WriteOutcome write_one(ProductWrite& item) {
        if (auto allowed = on_item(item); !allowed) return allowed;
        const auto id = id_of(item);
        if (version(get(id)) != item.expected || unreadable.contains(id))
            return fail(Errc::aborted, "another version is stored");
        stored[id] = std::move(item.next);
        return {};
    }
};

/// Keeps everything; newer versions win.
class FakeProductCache : public ProductCache {
public:
    std::map<ProductId, CachedProduct> entries;
    std::uint64_t puts = 0;

    CacheLookup peek(const ProductId& id) override {
        const auto it = entries.find(id);
        if (it == entries.end()) return {std::nullopt, {puts}};
        return {it->second, {puts}};
    }
    CacheTicket ticket(const ProductId&) override { return {puts}; }
    asio::awaitable<CacheLookup> find(ProductId id, SpanContext) override { co_return peek(id); }
    asio::awaitable<void> forget_older(std::vector<ProductVersion> stored, SpanContext) override {
        for (const auto& [id, version] : stored) {
            const auto it = entries.find(id);
            if (it != entries.end() && it->second.version && *it->second.version >= version) continue;
            ++puts;
            entries.erase(id);
        }
        co_return;
    }
    asio::awaitable<void> put(ProductId id, CachedProduct entry) override {
        ++puts;
        auto& kept = entries[id];
        if (!kept.version || (entry.version && *entry.version >= *kept.version)) kept = std::move(entry);
        co_return;
    }
    asio::awaitable<bool> fill(ProductId id, CachedProduct entry, CacheTicket ticket, SpanContext) override {
        if (ticket.value != puts) co_return false;
        entries[id] = std::move(entry);
        co_return true;
    }
};

}  // namespace productd::test
