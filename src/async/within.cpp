// The part of deadlines that needs no template.
#include "async/within.hpp"

namespace productd {

Error time_is_over() { return {Errc::deadline_exceeded, "The time for this call ran out.", {}, {}}; }

void Cutoff::cut() {
    for (auto* call : *calls_) call->cancel();
}

}  // namespace productd
