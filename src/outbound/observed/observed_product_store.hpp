// A product store whose calls are timed, and spans where they are traced.
#pragma once

#include <optional>

#include "app/ports/product_store.hpp"
#include "outbound/observed/call_metrics.hpp"
#include "outbound/observed/observed_server.hpp"

namespace productd {

/// How long each call takes is counted; one that is made for a trace is a client span too.
class ObservedProductStore : public ProductStore {
public:
    /// All outlive it.
    ObservedProductStore(ProductStore& store, Metrics& metrics, Tracer& tracer, ObservedDatabase database)
        : store_(store),
          calls_(metrics, "productd_store_call_duration_seconds", "Time that a call of the store takes, by operation",
                 {"find", "write", "search"}),
          tracer_(tracer),
          database_(std::move(database)) {}

    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext context) override;
    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext context) override;
    Task<SearchPage> search(SearchQuery query, CallContext context) override;
    Task<> check() override { return store_.check(); }
    std::optional<StoreMark> mark() const override { return store_.mark(); }

private:
    ObservedCall begin(std::string_view operation, std::size_t items, const SpanContext& parent) {
        return {calls_.of(operation), database_.begin(tracer_, operation, items, parent)};
    }

    ProductStore& store_;
    CallMetrics calls_;
    Tracer& tracer_;
    ObservedDatabase database_;
};

}  // namespace productd
