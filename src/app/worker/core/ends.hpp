// How a message ends: finished, told to who waits for it, or condemned to be a dead letter.
#pragma once

#include "app/worker/core/pipeline_observer.hpp"
#include "app/worker/core/product_lanes.hpp"
#include "app/worker/core/worker_effects.hpp"

namespace productd {

/// Every end is for good, and for once: of a message whose partition was let go meanwhile nothing is done any more.
class Ends {
public:
    Ends(Intake& intake, ProductLanes& lanes, Effects& effects, PipelineObserver& observer)
        : intake_(intake), lanes_(lanes), effects_(effects), observer_(observer) {}

    void finish(const Item& item, Ending ending, const Now& now);
    void tell(const Item& item, Outcome outcome);
    /// It has its effect, or none, and is finished.
    void settle(const Item& item, Applied applied, const Now& now);
    void settle(const Item& item, Unchanged unchanged, const Now& now);
    void refuse(const Item& item, Error error, const Now& now);
    /// It can never work: told, and condemned for the error's own code.
    void reject(const Item& item, Error error);
    /// It becomes a dead letter; later ones of its queue wait until that is acknowledged. Taken out of its lane before.
    void condemn(const Item& item, Error error, std::string code);
    /// It becomes a dead letter without having been in a lane: its product is not known.
    void condemn_unread(const Item& item, Error error, std::string code);
    void letter_acknowledged(const Item& item, const Now& now);

    std::size_t letters_waiting() const { return letters_waiting_; }

private:
    void write_letter(const Item& item, Error error, std::string code);

    Intake& intake_;
    ProductLanes& lanes_;
    Effects& effects_;
    PipelineObserver& observer_;
    std::size_t letters_waiting_ = 0;
};

}  // namespace productd
