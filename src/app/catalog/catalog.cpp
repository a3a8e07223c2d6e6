// Reads through the cache; a write looks at what is stored first, and is then the publisher's.
#include "app/catalog/catalog.hpp"

#include "app/catalog/product_size.hpp"
#include "app/events/event.hpp"
#include "domain/utf8.hpp"

namespace productd {

namespace {

constexpr std::int64_t page_size_max = 100;
constexpr std::size_t folded_points_max = 1'500;  ///< Of a description: each code point may become three.
constexpr std::int64_t reach_max = 10'000;        ///< page × size: what lies beyond is for a narrower search.

void check_range(std::vector<Violation>& found, const char* field, std::int64_t value, std::int64_t max) {
    if (value >= 1 && value <= max) return;
    found.push_back({field, "range", std::string(field) + " must be 1 to " + std::to_string(max) + "."});
}

Result<ProductPtr> answer(const ProductId& id, const CachedProduct& entry) {
    if (!entry.product) return fail(not_found(id.hex()));
    return entry.product;
}

/// The product as a draft will make it, before it has a version.
ProductPtr as_accepted(Product base, const Draft& draft, Timestamp time) {
    auto product = merged(std::move(base), draft);
    product.updated_at = time;
    product.version = {};
    return std::make_shared<const Product>(std::move(product));
}

}  // namespace

Catalog::Catalog(CatalogPorts ports, CatalogSettings settings)
    : ports_(ports),
      settings_(std::move(settings)),
      limits_(settings_.answer_time),
      reader_(ports.store, ports.cache, limits_.reads),
      publisher_(ports_, settings_) {}

std::optional<Result<ProductPtr>> Catalog::peek(const ProductId& id) {
    auto lookup = ports_.cache.peek(id);
    if (!lookup.hit) return std::nullopt;
    return answer(id, *lookup.hit);
}

Task<ProductPtr> Catalog::get(ProductId id, Freshness freshness, CallContext context) {
    if (freshness == Freshness::cached) {
        auto entry = co_await reader_.get(id, context);
        if (!entry) co_return fail(std::move(entry.error()));
        co_return answer(id, *entry);
    }
    AdaptiveLimit::Place place(limits_.reads);
    if (!place.is_in()) co_return fail(too_much("reads"));
    auto stored = co_await find_one(ports_.store, id, context);
    if (!stored) co_return fail(std::move(stored.error()));
    place.done();
    auto entry = cached(*stored);
    co_await publisher_.show(id, entry.version, context.trace);
    co_return answer(id, entry);
}

Task<SearchPage> Catalog::search(SearchQuery query, CallContext context) {
    std::vector<Violation> found;
    check_range(found, "page", query.page, reach_max);
    check_range(found, "size", query.size, page_size_max);
    if (found.empty() && query.page * query.size > reach_max) {
        found.push_back({"page", "range", "page times size must be at most " + std::to_string(reach_max) + "."});
    }
    const auto length = code_points(query.text).value_or(0);
    const bool fits_nothing = length > folded_points_max;
    if (length > settings_.search_text_max && !fits_nothing) {
        found.push_back({"search", "length",
                         "search must be at most " + std::to_string(settings_.search_text_max) + " characters."});
    }
    if (auto valid = accept(std::move(found)); !valid) co_return fail(std::move(valid.error()));
    if (fits_nothing) co_return SearchPage{};
    AdaptiveLimit::Place place(limits_.searches);
    if (!place.is_in()) co_return fail(too_much("searches"));
    query.count_max = settings_.search_count_max;
    auto found_page = co_await ports_.store.search(std::move(query), context);
    if (found_page) place.done();
    co_return found_page;
}

// ---------------------------------------------------------------------------------------------- writes

asio::awaitable<std::optional<Stored>> Catalog::look(ProductId id, CallContext context) {
    if (ports_.pipeline.store_is_down()) co_return std::nullopt;
    const auto until = look_until(settings_, context.deadline);
    auto stored = co_await within(until, find_one(ports_.store, id, {until, context.trace}));
    if (!stored) co_return std::nullopt;
    co_return std::move(*stored);
}

Task<Version> Catalog::stored_version(ProductId id, RequestContext context) {
    AdaptiveLimit::Place place(limits_.reads);
    if (!place.is_in()) co_return fail(too_much("reads"));
    auto stored = co_await look(id, context.call());
    if (!stored) co_return fail(not_now());
    place.done();
    const auto* product = std::get_if<StoredProduct>(&*stored);
    if (!product) co_return fail(not_found(id.hex()));
    co_return product->product.version;
}

Task<std::optional<Product>> Catalog::first_look(ProductId id, std::optional<Version> expected, CallContext context) {
    auto stored = co_await look(id, context);
    if (!stored) {
        // What cannot be checked now is still a write that the worker can decide, unless it has a condition.
        if (expected) co_return fail(not_now());
        co_return std::optional<Product>{};
    }
    auto* product = std::get_if<StoredProduct>(&*stored);
    if (!product) co_return fail(not_found(id.hex()));
    if (expected && *expected != product->product.version) {
        co_return fail(Errc::aborted,
                       "The product is at version " + std::to_string(product->product.version.value) + ".");
    }
    co_return std::optional<Product>{std::move(product->product)};
}

Task<std::optional<Written>> Catalog::earlier_create(Change change, CallContext context) {
    auto stored = co_await look(change.id, context);
    if (!stored) co_return std::optional<Written>{};  // The worker decides it the same way later.
    auto decision = decide(*stored, change);
    if (auto* rejected = std::get_if<Rejected>(&decision)) co_return fail(std::move(rejected->error));
    if (const auto* superseded = std::get_if<Superseded>(&decision)) {
        if (superseded->why != Superseded::Why::repeated) co_return fail(not_found(change.id.hex()));
        co_return Written{Written::State::applied, cached(*stored).product};
    }
    co_return std::optional<Written>{};
}

asio::awaitable<Created> Catalog::create(ValidDraft draft, std::optional<std::string> idempotency_key,
                                         RequestContext context) {
    AdaptiveLimit::Place place(limits_.writes);
    if (!place.is_in()) co_return std::unexpected(CreateFailure{too_much("writes"), {}});
    // A product is measured alike here and where it is applied: what is accepted is not refused there for its size.
    auto fits = check_size(draft, settings_.product_bytes_max);
    if (!fits) co_return std::unexpected(CreateFailure{std::move(fits.error()), {}});

    Change change{.kind = ChangeKind::create, .draft = std::move(draft), .time = ports_.clock.now()};
    if (idempotency_key) {
        change.id = id_of_key(*idempotency_key);
        change.digest = digest_of(change.draft);
        auto earlier = co_await earlier_create(change, context.call());
        if (!earlier) co_return std::unexpected(CreateFailure{std::move(earlier.error()), change.id});
        if (*earlier) co_return std::move(**earlier);
    } else {
        change.id = ports_.ids.next();
    }
    const auto id = change.id;
    auto accepted = as_accepted(Product{.id = id, .created_at = change.time}, change.draft, change.time);
    auto written = co_await publisher_.publish(std::move(change), std::move(accepted), std::move(context));
    if (!written) co_return std::unexpected(CreateFailure{std::move(written.error()), id});
    place.done();
    co_return std::move(*written);
}

Task<Written> Catalog::update(ProductId id, ValidDraft draft, std::optional<Version> expected, RequestContext context) {
    AdaptiveLimit::Place place(limits_.writes);
    if (!place.is_in()) co_return fail(too_much("writes"));
    if (auto fits = check_size(draft, settings_.product_bytes_max); !fits) co_return fail(std::move(fits.error()));
    auto stands = co_await first_look(id, expected, context.call());
    if (!stands) co_return fail(std::move(stands.error()));

    Change change{.kind = ChangeKind::update,
                  .id = id,
                  .draft = std::move(draft),
                  .time = ports_.clock.now(),
                  .expected = expected};
    auto base = *stands ? std::move(**stands) : Product{.id = id};
    auto accepted = as_accepted(std::move(base), change.draft, change.time);
    if (auto fits = check_size(*accepted, settings_.product_bytes_max); !fits) co_return fail(std::move(fits.error()));
    auto written = co_await publisher_.publish(std::move(change), std::move(accepted), std::move(context));
    if (written) place.done();
    co_return written;
}

Task<Written> Catalog::remove(ProductId id, std::optional<Version> expected, RequestContext context) {
    AdaptiveLimit::Place place(limits_.writes);
    if (!place.is_in()) co_return fail(too_much("writes"));
    auto stands = co_await first_look(id, expected, context.call());
    if (!stands) co_return fail(std::move(stands.error()));
    Change change{.kind = ChangeKind::remove, .id = id, .time = ports_.clock.now(), .expected = expected};
    auto written = co_await publisher_.publish(std::move(change), nullptr, std::move(context));
    if (written) place.done();
    co_return written;
}

}  // namespace productd
