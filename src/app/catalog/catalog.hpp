// The use cases: reads through the cache, and writes as events of the log.
#pragma once

#include <optional>
#include <string>

#include "app/catalog/catalog_settings.hpp"
#include "app/catalog/event_publisher.hpp"
#include "app/catalog/load_limits.hpp"
#include "app/catalog/read_through.hpp"
#include "app/ports/product_store.hpp"
#include "domain/validation.hpp"

namespace productd {

enum class Freshness { cached, stored };

/// A failed create names the id it was given, if it came that far, so that the client can look before it tries again.
struct CreateFailure {
    Error error;
    std::optional<ProductId> id;
};
using Created = std::expected<Written, CreateFailure>;

class Catalog {
public:
    Catalog(CatalogPorts ports, CatalogSettings settings);
    Catalog(const Catalog&) = delete;  ///< Its parts refer to it.
    Catalog& operator=(const Catalog&) = delete;

    /// The answer to get() if this process holds it: no wait, no coroutine. Nothing means: ask get().
    std::optional<Result<ProductPtr>> peek(const ProductId& id);
    /// not_found for an id never stored or deleted; unavailable when the store cannot be asked, or is asked for more
    /// than it answers in time (as all below are then). Whoever asks waits until its deadline, and the store works no
    /// longer on it.
    Task<ProductPtr> get(ProductId id, Freshness freshness, CallContext context);
    /// invalid_argument for a page or size out of range, or beyond the 10,000th product.
    Task<SearchPage> search(SearchQuery query, CallContext context);

    /// Publishes a creation and waits for it. With a key, the same create again finds what the first one made
    /// (not_found once that was deleted), and another create under the key is already_exists.
    asio::awaitable<Created> create(ValidDraft draft, std::optional<std::string> idempotency_key,
                                    RequestContext context);
    /// not_found; aborted when `expected` is not the stored version; unavailable when the outcome of a conditional
    /// write is not known in time, or it could not be waited for.
    Task<Written> update(ProductId id, ValidDraft draft, std::optional<Version> expected, RequestContext context);
    Task<Written> remove(ProductId id, std::optional<Version> expected, RequestContext context);
    /// For a condition that names no version: not_found, or unavailable when the store cannot be asked.
    Task<Version> stored_version(ProductId id, RequestContext context);

    const LoadLimits& limits() const { return limits_; }

private:
    /// What is stored; nothing where the store is known to be down, or does not tell within Http.LookWait, so that what
    /// is left of the time is enough to publish.
    asio::awaitable<std::optional<Stored>> look(ProductId id, CallContext context);
    /// The product before anything is published; nothing is known of it (nullopt) only for an unconditional write.
    Task<std::optional<Product>> first_look(ProductId id, std::optional<Version> expected, CallContext context);
    Task<std::optional<Written>> earlier_create(Change change, CallContext context);

    CatalogPorts ports_;
    CatalogSettings settings_;
    LoadLimits limits_;
    ReadThrough reader_;
    EventPublisher publisher_;
};

}  // namespace productd
