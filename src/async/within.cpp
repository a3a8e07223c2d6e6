// The part of deadlines that needs no template.
#include "async/within.hpp"

namespace productd {

void Cutoff::cut() {
    for (auto* call : *calls_) call->cancel();
}

}  // namespace productd
