// Calls nobody.
#include "chaos/node/tally.hpp"

#include <fmt/format.h>

namespace productd::chaos {

std::string Tally::json() const {
    return fmt::format(R"("received":{},"batches":{},"applied":{},"superseded":{},"refused":{},"dead_lettered":{},)"
                       R"("condemned":{},"retried":{},"breaker_opened":{},"log_failures":{},"parked_too_many":{})",
                       received_, batches_, endings_[0], endings_[1], endings_[2], endings_[3], condemned_, retried_,
                       opened_, log_failures_, parked_too_many_);
}

}  // namespace productd::chaos
