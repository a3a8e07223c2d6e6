// gRPC's writes: one change, one outcome. Calls the change applier.
#include "app/catalog/direct_catalog.hpp"

#include "app/catalog/product_size.hpp"

namespace productd {

namespace {

/// What a direct write answers for each way a change can end.
struct WriteAnswer {
    const ProductId& id;

    Result<ProductPtr> operator()(Applied& applied) const { return std::move(applied.product); }
    Result<ProductPtr> operator()(Unchanged&) const { return fail(not_found(id.hex())); }
    Result<ProductPtr> operator()(Refused& refused) const { return fail(std::move(refused.error)); }
    Result<ProductPtr> operator()(Rejected& rejected) const { return fail(std::move(rejected.error)); }
    Result<ProductPtr> operator()(NotApplied&) const { return fail(not_found(id.hex())); }
    Result<ProductPtr> operator()(LostRace&) const {
        return fail(unavailable("The product changes too often: try again."));
    }
    Result<ProductPtr> operator()(NotTried&) const { std::unreachable(); }  // It is the only one of its call.
    Result<ProductPtr> operator()(Error& error) const { return fail(std::move(error)); }
};

}  // namespace

Task<ProductPtr> DirectCatalog::apply(Change change, CallContext context) {
    change.time = clock_.now();
    const auto id = change.id;
    if (auto fits = check_size(change.draft, product_bytes_max_); !fits) co_return fail(std::move(fits.error()));
    std::vector<SharedChange> changes{std::make_shared<Change>(std::move(change))};
    // A client that gives up must not part the write from what the cache is told of it: nobody would try it again.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto outcomes = co_await applier_.apply(std::move(changes), context, Creates::presumed_new);
    if (!outcomes || std::holds_alternative<Error>(outcomes->front())) late_writes_.expect(id);
    if (!outcomes) co_return fail(std::move(outcomes.error()));
    co_return std::visit(WriteAnswer{id}, outcomes->front());
}

Task<ProductPtr> DirectCatalog::create(ValidDraft draft, CallContext context) {
    AdaptiveLimit::Place place(limit_);
    if (!place.is_in()) co_return fail(too_much("writes"));
    Change change{.kind = ChangeKind::create, .id = ids_.next(), .draft = std::move(draft)};
    auto applied = co_await apply(std::move(change), context);
    if (applied) place.done();
    co_return applied;
}

Task<> DirectCatalog::must_stand(ProductId id, CallContext context) {
    auto stored = co_await find_one(store_, id, context);
    if (!stored) co_return fail(std::move(stored.error()));
    if (!std::holds_alternative<StoredProduct>(*stored)) co_return fail(not_found(id.hex()));
    co_return Result<>{};
}

Task<ProductPtr> DirectCatalog::update(ProductId id, ValidDraft draft, std::optional<Version> expected,
                                       CallContext context) {
    AdaptiveLimit::Place place(limit_);
    if (!place.is_in()) co_return fail(too_much("writes"));
    if (expected) {
        // The rules refuse a conditional change of nothing; a caller is told that there is nothing.
        auto stands = co_await must_stand(id, context);
        if (!stands) co_return fail(std::move(stands.error()));
    }
    Change change{.kind = ChangeKind::update, .id = id, .draft = std::move(draft), .expected = expected};
    auto applied = co_await apply(std::move(change), context);
    if (applied) place.done();
    co_return applied;
}

Task<> DirectCatalog::remove(ProductId id, std::optional<Version> expected, CallContext context) {
    AdaptiveLimit::Place place(limit_);
    if (!place.is_in()) co_return fail(too_much("writes"));
    // To the worker a removal of what is gone is a change like any other; a caller is told that there is nothing.
    auto stands = co_await must_stand(id, context);
    if (!stands) co_return stands;
    Change change{.kind = ChangeKind::remove, .id = id, .expected = expected};
    auto removed = co_await apply(std::move(change), context);
    if (!removed) co_return fail(std::move(removed.error()));
    place.done();
    co_return Result<>{};
}

}  // namespace productd
