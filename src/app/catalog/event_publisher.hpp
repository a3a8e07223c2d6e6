// Writes as events: publishes a change, and waits for what the worker makes of it, on whichever instance.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "app/catalog/catalog_settings.hpp"
#include "app/catalog/unawaited.hpp"
#include "app/catalog/write_observer.hpp"
#include "app/ports/call_context.hpp"
#include "app/ports/clock.hpp"
#include "app/ports/ids.hpp"
#include "app/ports/message_log.hpp"
#include "app/ports/outcomes.hpp"
#include "app/ports/product_cache.hpp"
#include "app/ports/product_store.hpp"
#include "domain/decide.hpp"

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
    WriteObserver* observer = nullptr;  ///< Nobody need be told.
};

/// A write that was answered with success: stored (`applied`), or safely in the log and not yet stored (`accepted`,
/// the product then as it was accepted, without a version).
struct Written {
    enum class State { applied, accepted };
    State state = State::accepted;
    ProductPtr product;                       ///< Null after a removal.
    std::optional<Unawaited> unawaited = {};  ///< Of `accepted`: why it was not waited for to its end.
};

/// Used by the catalog, which has checked what it publishes. Holds no state.
class EventPublisher {
public:
    /// Both outlive it.
    EventPublisher(const CatalogPorts& ports, const CatalogSettings& settings) : ports_(ports), settings_(settings) {}

    /// Publishes `change` and tells what became of it: applied, or, when that is not known within Http.ApplyWait,
    /// `accepted`. Fails as the worker decided, or as the log did when it did not take the event. A conditional write
    /// is never `accepted`: unavailable when it could not be waited for (nothing is published then), or when its
    /// outcome is not known in time.
    Task<Written> publish(Change change, ProductPtr accepted, RequestContext context);
    /// Another instance may have stored `version`: what this one has answered, its later reads must not go back behind.
    asio::awaitable<void> show(ProductId id, std::optional<Version> version, SpanContext trace);

private:
    asio::awaitable<std::expected<Outcome, Unawaited>> outcome_of(OutcomeWait& wait, ProductId id, Position position,
                                                                  CallContext context);
    asio::awaitable<std::optional<Outcome>> outcome_in_store(ProductId id, Position position, CallContext context);
    std::optional<Unawaited> not_to_be_waited_for() const;

    const CatalogPorts& ports_;
    const CatalogSettings& settings_;
};

/// How long a write may look in the store while it has until `deadline` for all it does: Http.LookWait, and half of the
/// time at most, since a store that hangs must not keep what the log can take.
Deadline look_until(const CatalogSettings& settings, Deadline deadline);

/// The refusal of a write that cannot be checked, or would not be waited for, and has a condition.
Error not_now();

}  // namespace productd
