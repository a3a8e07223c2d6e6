// The model's store as one call of a worker sees it: what it asks is done at one time and answered at another.
#pragma once

#include "app/ports/product_store.hpp"
#include "simulation/world.hpp"

namespace productd::simulation {

/// One call: of the real applier, of a look or of the probe. Shared by what it has scheduled: what was asked is done
/// also after the call was given up, as by a server, but the answer reaches nobody.
class OneCall : public ProductStore, public std::enable_shared_from_this<OneCall> {
public:
    OneCall(World& world, std::vector<SharedChange> changes) : world_(world), changes_(std::move(changes)) {}

    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext) override;
    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext) override;
    Task<SearchPage> search(SearchQuery, CallContext) override { co_return SearchPage{}; }
    Task<> check() override { co_return Result<>{}; }

    World& world() { return world_; }
    void answer(const std::vector<ChangeOutcome>& outcomes) { world_.truth.answer(changes_, outcomes); }
    const std::vector<SharedChange>& changes() const { return changes_; }
    /// What waits for an answer is destroyed.
    void give_up();
    bool is_given_up() const { return is_given_up_; }

private:
    /// What happens to one request.
    struct Fate {
        std::chrono::microseconds until_done{0};
        std::chrono::microseconds until_answered{0};
        bool is_done = true;
        bool is_answered = true;
        std::optional<Error> error;
    };
    Fate draw(const std::vector<ProductId>& ids, bool is_write);
    void draw_single_faults(Fate& fate);
    std::optional<Error> item_error(const ProductId& id);
    Found find_one(const ProductId& id) const;
    WriteOutcome write_one(ProductWrite& write);
    template <class T>
    Task<T> request(Fate fate, std::function<T()> done);

    World& world_;
    std::vector<SharedChange> changes_;
    bool is_given_up_ = false;
    std::function<void()> forget_;
};

}  // namespace productd::simulation
