// Applies changes to the store: read what is stored (a create: presume that nothing is), let the domain decide, write
// with compare-and-set, and decide again whatever lost a race. The worker and the direct writes both go through here.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "app/ports/outcomes.hpp"
#include "app/ports/product_cache.hpp"
#include "app/ports/product_store.hpp"

namespace productd {

/// What became of one change.
struct Unchanged {
    Superseded::Why why = Superseded::Why::redelivered;
    CachedProduct state;       ///< What is stored.
    bool was_applied = false;  ///< The fence proves that this very message was applied.
};
struct NotApplied {};  ///< Its product is not there (yet).
struct NotTried {};    ///< One before it, of its product and kind, was rejected in the same call.
struct LostRace {};    ///< Others change its product all the while: to be tried again, and nobody's failure.
using ChangeOutcome = std::variant<Applied, Unchanged, Refused, Rejected, NotApplied, NotTried, LostRace, Error>;

/// Shared, because a call that was given up may read it after its caller has gone.
using SharedChange = std::shared_ptr<const Change>;

/// What a call believes of the products that its creates make.
enum class Creates {
    presumed_new,  ///< Nothing is stored under their ids: they are written unread at first.
    looked_for,    ///< They may be there, as when an earlier call ended and nobody knows how.
};

class ChangeApplier {
public:
    /// `product_bytes_max`: a change that would make a product larger is rejected (Limits.product_bytes_max).
    ChangeApplier(ProductStore& store, ProductCache& cache, std::size_t product_bytes_max)
        : store_(store), cache_(cache), product_bytes_max_(product_bytes_max) {}

    /// One outcome a change, in order. Changes of one product are applied in the order given and written together;
    /// none is tried behind one of its kind that is rejected, whose dead letter must be there first.
    /// What was stored is in the cache when this resumes. The call fails as a whole only when the store did, which
    /// works on it until `deadline`. What `creates` says costs or saves a call of the store, and changes no outcome.
    Task<std::vector<ChangeOutcome>> apply(std::vector<SharedChange> changes, CallContext context, Creates creates);

private:
    ProductStore& store_;
    ProductCache& cache_;
    std::size_t product_bytes_max_;
};

}  // namespace productd
