// A feed of changes in memory, for tests of who tells it to clients.
#pragma once

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/ports/change_feed.hpp"
#include "async/answered.hpp"
#include "fakes/sample_product.hpp"

namespace productd {

/// Any thread makes changes and asks. Its positions are `m.N`, and in a snapshot that began at N `m-N.ID`.
class MemoryChangeFeed : public ChangeFeed {
public:
    static FeedPosition at(std::size_t number) { return {fmt::format("m.{:08}", number)}; }

    /// Makes or changes product `number`; its name has so many bytes.
    void make(std::uint32_t number, std::size_t bytes = 10, History history = {}) {
        const std::scoped_lock lock(mutex_);
        Product product{.id = test::id_of(number), .name = std::string(bytes, 'n'), .version = {++versions_[number]}};
        product.updated_at = test::at(1'000 + static_cast<std::int64_t>(log_.size()));
        append(product.id, StoredProduct{product, std::move(history)});
    }
    void remove(std::uint32_t number) {
        const std::scoped_lock lock(mutex_);
        append(test::id_of(number), Tombstone{test::id_of(number), {++versions_[number]}, test::at(5'000), {}});
    }
    /// Every call from now on fails with it, and those that wait; without an error no more.
    void fail_with(std::optional<Error> error) {
        const std::scoped_lock lock(mutex_);
        error_ = std::move(error);
        wake();
    }
    void throw_a(std::string secret) {
        const std::scoped_lock lock(mutex_);
        secret_ = std::move(secret);
    }
    /// Pages read so far.
    std::size_t reads() const {
        const std::scoped_lock lock(mutex_);
        return reads_;
    }

    Task<FeedPage> changes(std::optional<FeedPosition> after, FeedBounds most, Deadline wait_until,
                           CallContext) override {
        auto found = page(after, most);
        if (!found || !found->changes.empty() || !found->is_end || found->is_snapshot) co_return found;
        if (std::chrono::steady_clock::now() >= wait_until) co_return found;
        auto start = [this, seen = found->next](Answer<bool> answer) {
            const std::scoped_lock lock(mutex_);
            if (error_ || at(log_.size()) != seen) return answer(true);
            waiting_.push_back(std::move(answer));
        };
        co_await within(wait_until, answered<bool>(std::move(start)));
        co_return page(found->next, most);
    }

private:
    void append(ProductId id, Stored latest) {
        log_.push_back({id, std::move(latest), at(log_.size() + 1)});
        wake();
    }
    void wake() {
        for (const auto& answer : std::exchange(waiting_, {})) answer(true);
    }

    Result<FeedPage> page(const std::optional<FeedPosition>& after, FeedBounds most) {
        const std::scoped_lock lock(mutex_);
        ++reads_;
        if (!secret_.empty()) throw std::runtime_error(secret_);
        if (error_) return fail(*error_);
        if (!after) return snapshot(log_.size(), {}, most);
        if (after->text.starts_with("m-")) {
            const auto dot = after->text.find('.');
            return snapshot(std::stoul(after->text.substr(2, dot - 2)), *ProductId::parse(after->text.substr(dot + 1)),
                            most);
        }
        if (!after->text.starts_with("m.")) return fail(Errc::invalid_argument, "This is no position.");
        if (*after > at(log_.size())) return fail(Errc::out_of_range, "The feed has not come to this position.");
        FeedPage page{.next = *after, .is_end = true};
        fill(page, most, [&](auto take) {
            for (const auto& change : log_) {
                if (change.position > *after && !take(change)) return;
            }
        });
        return page;
    }
    FeedPage snapshot(std::size_t begun_at, ProductId after, FeedBounds most) const {
        std::map<ProductId, ProductChange> products;
        for (const auto& change : log_) {
            auto named = change;
            named.position = {fmt::format("m-{:08}.{}", begun_at, change.id.hex())};
            products.insert_or_assign(change.id, std::move(named));
        }
        FeedPage page{.is_snapshot = true, .is_end = true};
        fill(page, most, [&](auto take) {
            for (auto product = products.upper_bound(after); product != products.end(); ++product) {
                if (std::holds_alternative<StoredProduct>(product->second.latest) && !take(product->second)) return;
            }
        });
        if (page.is_end) page.next = at(begun_at);
        return page;
    }
    template <class Each>
    static void fill(FeedPage& page, FeedBounds most, Each each) {
        std::size_t bytes = 0;
        each([&](const ProductChange& change) {
            if (const auto* stored = std::get_if<StoredProduct>(&change.latest)) bytes += stored->product.name.size();
            const bool is_full = bytes > most.bytes_max || page.changes.size() == most.changes_max;
            if (is_full && !page.changes.empty()) {
                page.is_end = false;
                return false;
            }
            page.changes.push_back(change);
            page.next = change.position;
            return true;
        });
    }

    mutable std::mutex mutex_;
    std::vector<ProductChange> log_;
    std::map<std::uint32_t, std::int64_t> versions_;
    std::vector<Answer<bool>> waiting_;
    std::optional<Error> error_;
    std::string secret_;
    std::size_t reads_ = 0;
};

}  // namespace productd
