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

/// Of a change that failed alone; a call that failed as a whole says nothing of its changes.
constexpr Disposition disposition(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
        case Errc::already_exists:
        case Errc::out_of_range:
        case Errc::data_loss:  // What is stored under its id was read, and says nothing: no attempt will mend that.
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
        case Errc::unauthenticated: return Disposition::retry;
    }
    std::unreachable();
}

/// Of a record that a log did not take. A log that is damaged takes it once it is mended.
constexpr Disposition publish_disposition(Errc code) {
    return code == Errc::data_loss ? Disposition::retry : disposition(code);
}

}  // namespace productd
