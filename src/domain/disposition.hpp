// An error's destiny in the worker: one table.
#pragma once

#include <utility>

#include "domain/result.hpp"

namespace productd {

enum class Disposition {
    retry,        ///< May work later: with back-off.
    not_yet,      ///< Its product may be on the way: parked.
    refused,      ///< Finished: its own condition does not hold.
    dead_letter,  ///< Can never work.
};

constexpr Disposition disposition(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
        case Errc::already_exists:
        case Errc::out_of_range:
        case Errc::unimplemented: return Disposition::dead_letter;
        case Errc::not_found: return Disposition::not_yet;
        case Errc::aborted: return Disposition::refused;
        case Errc::cancelled:
        case Errc::unknown:
        case Errc::deadline_exceeded:
        case Errc::permission_denied:
        case Errc::resource_exhausted:
        case Errc::failed_precondition:
        case Errc::internal:
        case Errc::unavailable:
        case Errc::data_loss:
        case Errc::unauthenticated: return Disposition::retry;
    }
    std::unreachable();
}

}  // namespace productd
