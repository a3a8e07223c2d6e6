// Reads; the writes are in catalog_writes.cpp. Calls the cache through ReadThrough, and the store.
#include "app/catalog/catalog.hpp"

#include "domain/utf8.hpp"

namespace productd {

namespace {

constexpr std::int64_t page_size_max = 100;
constexpr std::size_t search_points_max = 1'500;
constexpr std::int64_t reach_max = 10'000;  ///< page × size: what lies beyond is for a narrower search.

void check_range(std::vector<Violation>& found, const char* field, std::int64_t value, std::int64_t max) {
    if (value >= 1 && value <= max) return;
    found.push_back({field, "range", std::string(field) + " must be 1 to " + std::to_string(max) + "."});
}

Result<ProductPtr> answer(const ProductId& id, const CachedProduct& entry) {
    if (!entry.product) return fail(not_found(id.hex()));
    return entry.product;
}

}  // namespace

Catalog::Catalog(CatalogPorts ports, CatalogSettings settings)
    : ports_(ports), reader_(ports.store, ports.cache), settings_(std::move(settings)) {}

std::optional<Result<ProductPtr>> Catalog::peek(const ProductId& id) {
    auto lookup = ports_.cache.peek(id);
    if (!lookup.hit) return std::nullopt;
    return answer(id, *lookup.hit);
}

Task<ProductPtr> Catalog::get(ProductId id, Freshness freshness) {
    if (freshness == Freshness::cached) {
        auto entry = co_await reader_.get(id);
        if (!entry) co_return fail(std::move(entry.error()));
        co_return answer(id, *entry);
    }
    std::vector<ProductId> ids{id};
    auto stored = co_await ports_.store.find(std::move(ids));
    if (!stored) co_return fail(std::move(stored.error()));
    auto entry = cached(stored->front());
    co_await show(id, entry.version);
    co_return answer(id, entry);
}

Task<SearchPage> Catalog::search(SearchQuery query) {
    std::vector<Violation> found;
    check_range(found, "page", query.page, reach_max);
    check_range(found, "size", query.size, page_size_max);
    if (found.empty() && query.page * query.size > reach_max) {
        found.push_back({"page", "range", "page times size must be at most " + std::to_string(reach_max) + "."});
    }
    if (auto valid = accept(std::move(found)); !valid) co_return fail(std::move(valid.error()));
    // Longer than any text that folding may make of a description: nothing matches.
    if (code_points(query.text).value_or(0) > search_points_max) co_return SearchPage{};
    query.count_max = settings_.search_count_max;
    co_return co_await ports_.store.search(std::move(query));
}

}  // namespace productd
