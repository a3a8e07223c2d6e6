// A store that fails as the faults say, in front of a real one.
#pragma once

#include "app/ports/product_store.hpp"
#include "chaos/node/faults.hpp"

namespace productd::chaos {

class FaultyStore final : public ProductStore {
public:
    FaultyStore(ProductStore& store, Faults& faults) : store_(store), faults_(faults) {}

    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext context) override;
    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext context) override;
    Task<SearchPage> search(SearchQuery query, CallContext context) override {
        return store_.search(std::move(query), context);
    }
    Task<> check() override { return store_.check(); }

    std::uint64_t failed_calls() const { return failed_calls_; }
    std::uint64_t failed_items() const { return failed_items_; }
    /// Calls that did not answer, so far.
    std::uint64_t hung_calls() const { return hung_calls_; }

private:
    Task<> before_call();
    /// Why this item fails alone.
    std::optional<Error> failure_of(const ProductWrite& write);
    bool hangs(const std::vector<ProductWrite>& writes) const;
    asio::awaitable<void> hang();
    asio::awaitable<void> wait_for_file();
    Error failed_call();

    ProductStore& store_;
    Faults& faults_;
    std::uint64_t writes_ = 0;
    std::uint64_t items_ = 0;
    std::uint64_t failed_calls_ = 0;
    std::uint64_t failed_items_ = 0;
    std::uint64_t hung_calls_ = 0;
};

}  // namespace productd::chaos
