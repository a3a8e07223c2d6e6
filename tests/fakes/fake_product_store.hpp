// A store in memory that can be told to fail, or to keep its callers waiting.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

#include "app/ports/product_store.hpp"

namespace productd {

class FakeProductStore : public ProductStore {
public:
    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext) override {
        auto passed = co_await pass();
        if (!passed) co_return fail(std::move(passed.error()));
        const std::scoped_lock lock(mutex_);
        std::vector<Found> found;
        for (const auto& id : ids) {
            const auto it = products_.find(id);
            found.push_back(it == products_.end() ? Stored{} : it->second);
        }
        co_return found;
    }

    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext) override {
        auto passed = co_await pass();
        if (!passed) co_return fail(std::move(passed.error()));
        const std::scoped_lock lock(mutex_);
        std::vector<WriteOutcome> outcomes;
        for (auto& write : writes) {
            auto& stored = products_[id_of(write.next)];
            if (version(stored) == write.expected) {
                stored = std::move(write.next);
                outcomes.emplace_back();
            } else {
                outcomes.push_back(fail(Errc::aborted, "Another version is stored."));
            }
        }
        co_return outcomes;
    }

    Task<SearchPage> search(SearchQuery query, CallContext) override {
        auto passed = co_await pass();
        if (!passed) co_return fail(std::move(passed.error()));
        const std::scoped_lock lock(mutex_);
        SearchPage page;
        for (const auto& product : matches(query.text)) {
            const auto place = page.total_count++;
            if (place / query.size == query.page - 1) page.products.push_back(product);
        }
        page.total_count_capped = page.total_count > query.count_max;
        page.total_count = std::min(page.total_count, query.count_max);
        co_return page;
    }

    Task<> check() override { co_return co_await pass(); }

    void fail_with(std::optional<Error> error) {
        const std::scoped_lock lock(mutex_);
        failure_ = std::move(error);
    }
    /// From now on calls wait for release(), or until they are cancelled.
    void hold() {
        const std::scoped_lock lock(mutex_);
        holding_ = true;
    }
    void release() {
        const std::scoped_lock lock(mutex_);
        holding_ = false;
        for (auto& timer : held_) {
            asio::post(timer->get_executor(), [timer] { timer->cancel(); });
        }
    }
    /// Blocks until `count` calls wait.
    void wait_for_held(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return held_.size() == count; });
    }
    Stored stored(const ProductId& id) const {
        const std::scoped_lock lock(mutex_);
        const auto it = products_.find(id);
        return it == products_.end() ? Stored{} : it->second;
    }

private:
    Task<> pass() {
        const auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, Deadline::max());
        if (hold_back(timer)) {
            boost::system::error_code ignored;
            co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            const std::scoped_lock lock(mutex_);
            std::erase(held_, timer);
            changed_.notify_all();
            if (holding_) co_return fail(Errc::cancelled, "The call was given up.");
        }
        const std::scoped_lock lock(mutex_);
        if (failure_) co_return fail(*failure_);
        co_return Result<>{};
    }

    bool hold_back(const std::shared_ptr<asio::steady_timer>& timer) {
        const std::scoped_lock lock(mutex_);
        if (!holding_) return false;
        held_.push_back(timer);
        changed_.notify_all();
        return true;
    }

    static ProductId id_of(const Stored& stored) {
        if (const auto* product = std::get_if<StoredProduct>(&stored)) return product->product.id;
        return std::get<Tombstone>(stored).id;
    }

    std::vector<Product> matches(const std::string& text) const {
        std::vector<Product> found;
        for (const auto& [id, stored] : products_) {
            const auto* product = std::get_if<StoredProduct>(&stored);
            if (!product) continue;
            const auto& content = product->product;
            if (content.name.contains(text) || content.description.contains(text)) found.push_back(content);
        }
        std::ranges::sort(found, [](const Product& one, const Product& other) {
            return std::pair(other.created_at, one.id) < std::pair(one.created_at, other.id);
        });
        return found;
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<ProductId, Stored> products_;
    std::optional<Error> failure_;
    bool holding_ = false;
    std::vector<std::shared_ptr<asio::steady_timer>> held_;
};

}  // namespace productd
