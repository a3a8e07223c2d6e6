// The use cases: reads through the cache, and writes as events of the log.
#pragma once

#include <optional>
#include <string>

#include "app/catalog/catalog_settings.hpp"
#include "app/catalog/read_through.hpp"
#include "app/events/topics.hpp"
#include "app/ports/outcomes.hpp"
#include "app/ports/ports.hpp"
#include "domain/validation.hpp"

namespace productd {

/// Whom the catalog calls. All outlive it.
struct CatalogPorts {
    ProductStore& store;
    ProductCache& cache;
    MessageLog& log;
    Outcomes& outcomes;
    PipelineState& pipeline;
    Clock& clock;
    Ids& ids;
};

/// What travels with a request through every use case.
struct RequestContext {
    Deadline deadline;
    std::string traceparent = {};  ///< W3C trace context, carried into the event; empty for none.
};

enum class Freshness { cached, stored };

/// A write that was answered with success: stored (`applied`), or safely in the log and not yet stored (`accepted`,
/// the product then as it was accepted, without a version).
struct Written {
    enum class State { applied, accepted };
    State state = State::accepted;
    ProductPtr product;  ///< Null after a removal.
};

/// A failed create names the id it was given, if it came that far, so that the client can look before it tries again.
struct CreateFailure {
    Error error;
    std::optional<ProductId> id;
};
using Created = std::expected<Written, CreateFailure>;

class Catalog {
public:
    Catalog(CatalogPorts ports, CatalogSettings settings);

    /// The answer to get() if this process holds it: no wait, no coroutine. Nothing means: ask get().
    std::optional<Result<ProductPtr>> peek(const ProductId& id);
    /// not_found for an id never stored or deleted; unavailable when the store cannot be asked.
    Task<ProductPtr> get(ProductId id, Freshness freshness);
    /// invalid_argument for a page or size out of range, or beyond the 10,000th product.
    Task<SearchPage> search(SearchQuery query);

    /// Publishes a creation and waits for it. With a key, the same create again finds what the first one made
    /// (not_found once that was deleted), and another create under the key is already_exists.
    asio::awaitable<Created> create(Draft draft, std::optional<std::string> idempotency_key, RequestContext context);
    /// not_found; aborted when `expected` is not the stored version; unavailable when the outcome of a conditional
    /// write is not known in time, or it could not be waited for.
    Task<Written> update(ProductId id, Draft draft, std::optional<Version> expected, RequestContext context);
    Task<Written> remove(ProductId id, std::optional<Version> expected, RequestContext context);

private:
    /// What is stored, before anything is published; Nothing is known (nullopt) only of an unconditional write.
    Task<std::optional<Product>> first_look(ProductId id, std::optional<Version> expected);
    Task<std::optional<Written>> earlier_create(Change change);
    Task<Written> publish_and_wait(Change change, ProductPtr accepted, RequestContext context);
    asio::awaitable<void> show(ProductId id, std::optional<Version> version);
    asio::awaitable<std::optional<Outcome>> outcome_of(OutcomeWait& wait, ProductId id, Position position,
                                                       Deadline deadline);
    asio::awaitable<std::optional<Outcome>> outcome_in_store(ProductId id, Position position, Deadline deadline);
    bool worker_is_late() const;

    CatalogPorts ports_;
    ReadThrough reader_;
    CatalogSettings settings_;
};

}  // namespace productd
