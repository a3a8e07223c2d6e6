// A product store whose calls are spans.
#pragma once

#include <optional>

#include "app/ports/product_store.hpp"
#include "outbound/traced/traced_server.hpp"

namespace productd {

/// A client span for each call that is made for a trace.
class TracedProductStore : public ProductStore {
public:
    /// Both outlive it.
    TracedProductStore(ProductStore& store, Tracer& tracer, TracedDatabase database)
        : store_(store), tracer_(tracer), database_(std::move(database)) {}

    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext context) override;
    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext context) override;
    Task<SearchPage> search(SearchQuery query, CallContext context) override;
    Task<> check() override { return store_.check(); }
    std::optional<StoreMark> mark() const override { return store_.mark(); }

private:
    ProductStore& store_;
    Tracer& tracer_;
    TracedDatabase database_;
};

}  // namespace productd
