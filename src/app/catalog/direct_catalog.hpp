// Writes that go straight to the store (gRPC), by the same rules as the events.
#pragma once

#include "app/catalog/catalog_settings.hpp"
#include "app/catalog/change_applier.hpp"
#include "app/catalog/late_writes.hpp"
#include "app/catalog/load_limits.hpp"
#include "app/ports/clock.hpp"
#include "app/ports/ids.hpp"
#include "app/ports/product_store.hpp"
#include "domain/validation.hpp"

namespace productd {

class DirectCatalog {
public:
    DirectCatalog(ChangeApplier& applier, ProductStore& store, LateWrites& late_writes, Clock& clock, Ids& ids,
                  std::size_t product_bytes_max, std::chrono::milliseconds answer_time = CatalogSettings{}.answer_time)
        : applier_(applier),
          store_(store),
          late_writes_(late_writes),
          clock_(clock),
          ids_(ids),
          product_bytes_max_(product_bytes_max),
          limit_(answer_time) {}

    /// The stored product. out_of_range above the size limit; unavailable while more come than the store takes in time,
    /// as the others are.
    Task<ProductPtr> create(ValidDraft draft, CallContext context);
    /// Changes what `draft` gives. not_found; aborted when `expected` is not the stored version.
    Task<ProductPtr> update(ProductId id, ValidDraft draft, std::optional<Version> expected, CallContext context);
    Task<> remove(ProductId id, std::optional<Version> expected, CallContext context);
    const AdaptiveLimit& limit() const { return limit_; }

private:
    Task<ProductPtr> apply(Change change, CallContext context);
    Task<> must_stand(ProductId id, CallContext context);

    ChangeApplier& applier_;
    ProductStore& store_;
    LateWrites& late_writes_;
    Clock& clock_;
    Ids& ids_;
    std::size_t product_bytes_max_;
    AdaptiveLimit limit_;
};

}  // namespace productd
