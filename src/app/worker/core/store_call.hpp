// A call of the store that runs, as the worker's core knows it.
#pragma once

#include <span>

#include "app/worker/core/ends.hpp"

namespace productd {

struct StoreCall {
    enum class Kind {
        trusted,
        suspects,
        culprit,  ///< One change of a product that fails alone.
        partial,  ///< Of products that fail while the store fails in part.
        look,     ///< Whether there is what parked messages wait for.
        probe,    ///< The worker's own record.
    };

    CallId id = 0;  ///< The step of the worker at which it began.
    Kind kind = Kind::trusted;
    std::vector<Item> items;  ///< Product by product.
    std::vector<ProductId> looked_for;
    WorkItem::Time began{};
    std::chrono::milliseconds limit{};
    bool is_cut = false;  ///< The worker ended it itself: nothing is learned from that.
};

/// What has the shell begin it.
Effect start_of(const StoreCall& call);

}  // namespace productd
