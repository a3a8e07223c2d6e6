// What the outcomes of a call mean for each of its messages, before anything is thought of the products.
#pragma once

#include "app/worker/core/store_call.hpp"

namespace productd {

/// The messages of one product in a call, and what became of them.
struct Trial {
    Lane* lane = nullptr;
    std::size_t changes = 0;
    std::vector<Item> left;  ///< Not ended; in order.
    std::optional<Error> failure;
    bool is_for_good = false;  ///< The store refused the product for ever.
    bool has_written = false;
    bool has_raced = false;
    bool is_standing = false;  ///< Its product is stored.
};

class Settlement {
public:
    Settlement(Intake& intake, ProductLanes& lanes, Ends& ends) : intake_(intake), lanes_(lanes), ends_(ends) {}

    /// The products of a call, in order; their messages are all to be settled yet.
    std::vector<Trial> trials_of(const StoreCall& call) const;
    /// Ends the message, parks it, or notes what it failed with; what has not ended is left in the trial.
    void settle(const Item& item, ChangeOutcome& outcome, Trial& trial, const Now& now);

private:
    void settle_error(const Item& item, Error error, Trial& trial, const Now& now);

    Intake& intake_;
    ProductLanes& lanes_;
    Ends& ends_;
};

}  // namespace productd
