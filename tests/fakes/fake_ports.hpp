// Ports in memory, with faults on demand. All for one thread.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "app/outcomes.hpp"
#include "app/ports.hpp"

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

    Task<std::vector<Stored>> find(std::vector<ProductId> ids) override {
        ++finds;
        if (auto allowed = on_call("find"); !allowed) co_return fail(allowed.error());
        std::vector<Stored> found;
        for (const auto& id : ids) found.push_back(get(id));
        co_return found;
    }

    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> items) override {
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

    Task<SearchPage> search(SearchQuery) override { co_return SearchPage{}; }
    Task<std::vector<Product>> list(ListQuery) override { co_return std::vector<Product>{}; }
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
        if (version(get(id)) != item.expected) return fail(Errc::aborted, "another version is stored");
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
    asio::awaitable<CacheLookup> find(ProductId id) override { co_return peek(id); }
    asio::awaitable<void> put(ProductId id, CachedProduct entry) override {
        ++puts;
        auto& kept = entries[id];
        if (!kept.version || (entry.version && *entry.version >= *kept.version)) kept = std::move(entry);
        co_return;
    }
    asio::awaitable<void> fill(ProductId id, CachedProduct entry, CacheTicket ticket) override {
        if (ticket.value == puts) entries[id] = std::move(entry);
        co_return;
    }
};

/// Partitions as vectors. One subscriber, woken by publish.
class FakeMessageLog : public MessageLog {
public:
    std::map<TopicPartition, std::vector<Message>> partitions;
    std::map<TopicPartition, Commit> committed;
    std::vector<TopicPartition> held;
    /// Asked for every record; an Error refuses it.
    std::function<Result<>(const Record&)> on_publish = [](const Record&) { return Result<>{}; };

    Position append(Record record) {
        const TopicPartition source{record.topic, record.partition.value_or(0)};
        auto& messages = partitions[source];
        const Position position{source, static_cast<std::int64_t>(messages.size()), record.time};
        messages.push_back({position, record.key, record.value, record.headers});
        if (wake) wake->notify();
        return position;
    }

    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override {
        std::vector<Result<Position>> results;
        for (auto& record : records) {
            if (auto allowed = on_publish(record); !allowed) {
                results.push_back(fail(allowed.error()));
            } else {
                results.push_back(append(std::move(record)));
            }
        }
        co_return results;
    }

    std::unique_ptr<productd::Subscription> subscribe(std::string, std::vector<std::string> topics,
                                                      asio::any_io_executor executor) override {
        wake.emplace(executor);
        return std::make_unique<Subscription>(*this, std::move(topics));
    }

    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override {
        const auto& all = partitions[source];
        std::vector<Message> messages;
        for (auto i = static_cast<std::size_t>(from); i < all.size() && messages.size() < max; ++i)
            messages.push_back(all[i]);
        co_return messages;
    }
    Task<> trim(TopicPartition, std::int64_t) override { co_return fail(Errc::unimplemented, "not in tests"); }
    Task<std::vector<std::string>> create(std::vector<TopicSpec>) override { co_return std::vector<std::string>{}; }
    Task<std::vector<TopicInfo>> describe() override { co_return std::vector<TopicInfo>{}; }
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string) override {
        std::vector<std::pair<TopicPartition, Commit>> all(committed.begin(), committed.end());
        co_return all;
    }
    Task<> check() override { co_return Result<>{}; }

    /// Takes all partitions from the subscriber; once it has released them it gets them again.
    void rebalance() {
        rebalancing_ = true;
        if (wake) wake->notify();
    }

    std::optional<Signal> wake;

private:
    bool rebalancing_ = false;

    class Subscription : public productd::Subscription {
    public:
        Subscription(FakeMessageLog& log, std::vector<std::string> topics) : log_(log) {
            for (const auto& topic : topics) {
                for (std::int32_t partition = 0; partition < 3; ++partition) log_.partitions[{topic, partition}];
                topics_.push_back(topic);
            }
        }

        Task<SubscriptionEvent> next(std::size_t messages_max) override {
            if (!assigned_) {
                assigned_ = true;
                co_return SubscriptionEvent{assign()};
            }
            while (!closed_) {
                if (std::exchange(log_.rebalancing_, false)) co_return SubscriptionEvent{revoke()};
                auto records = take(messages_max);
                if (!records.messages.empty()) co_return SubscriptionEvent{std::move(records)};
                co_await log_.wake->wait();
            }
            co_return fail(Errc::cancelled, "closed");
        }
        Task<> commit(TopicPartition source, Commit commit) override {
            log_.committed[source] = std::move(commit);
            co_return Result<>{};
        }
        void hold(const TopicPartition& source) override { log_.held.push_back(source); }
        void resume(const TopicPartition& source) override {
            std::erase(log_.held, source);
            log_.wake->notify();
        }
        void released(const std::vector<TopicPartition>&) override {
            assigned_ = false;
            next_.clear();
        }
        void close() override {
            closed_ = true;
            log_.wake->notify();
        }

    private:
        Assigned assign() {
            Assigned assigned;
            for (const auto& [source, messages] : log_.partitions) {
                if (std::ranges::find(topics_, source.topic) == topics_.end()) continue;
                const auto commit = log_.committed.find(source);
                std::optional<Commit> stands;
                if (commit != log_.committed.end()) stands = commit->second;
                next_[source] = stands ? stands->offset : 0;
                assigned.partitions.push_back(
                    {source, stands, 1, next_[source], static_cast<std::int64_t>(messages.size())});
            }
            return assigned;
        }
        Revoked revoke() const {
            Revoked revoked;
            for (const auto& [source, next] : next_) revoked.partitions.push_back(source);
            return revoked;
        }
        /// Partitions take turns.
        Records take(std::size_t max) {
            for (std::size_t tried = 0; tried < next_.size(); ++tried) {
                turn_ = (turn_ + 1) % next_.size();
                auto& [source, next] = *std::next(next_.begin(), static_cast<std::ptrdiff_t>(turn_));
                const auto& messages = log_.partitions[source];
                if (std::ranges::find(log_.held, source) != log_.held.end()) continue;
                if (static_cast<std::size_t>(next) >= messages.size()) continue;
                Records records{source, {}, static_cast<std::int64_t>(messages.size())};
                while (static_cast<std::size_t>(next) < messages.size() && records.messages.size() < max) {
                    records.messages.push_back(messages[static_cast<std::size_t>(next++)]);
                }
                return records;
            }
            return {};
        }

        std::size_t turn_ = 0;
        FakeMessageLog& log_;
        std::vector<std::string> topics_;
        std::map<TopicPartition, std::int64_t> next_;
        bool assigned_ = false;
        bool closed_ = false;
    };
};

}  // namespace productd::test
