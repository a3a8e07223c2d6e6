// The worker's own record: whether the store takes a write, asked without any product's.
#pragma once

#include "app/ports/clock.hpp"
#include "app/ports/product_store.hpp"

namespace productd {

/// A tombstone under an id of this instance's own, among the products and by the same bulk call as they, so that it
/// finds out what a change would. No reader sees it, and it is removed with other tombstones.
class StoreProbe {
public:
    /// `seed`: what tells this instance's record from others'.
    StoreProbe(ProductStore& store, Clock& clock, std::uint64_t seed);

    /// Succeeds once it is stored; fails as the call did.
    Task<> write(Deadline deadline);

private:
    ProductStore& store_;
    Clock& clock_;
    ProductId id_;
};

}  // namespace productd
