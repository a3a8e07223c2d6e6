// Kill points and outages. Calls nobody.
#include "chaos/node/faults.hpp"

#include <unistd.h>
#include <csignal>

namespace productd::chaos {

void KillPoint::pass(std::string_view name) {
    if (left_ == 0 || name != name_ || --left_ > 0) return;
    ::kill(::getpid(), SIGKILL);
    ::pause();
}

bool Outage::is_on() {
    if (length_.count() == 0) return false;
    const auto now = Deadline::clock::now();
    if (!until_) until_ = now + length_;
    return now < *until_;
}

}  // namespace productd::chaos
