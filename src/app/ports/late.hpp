// How it is told to a caller that a part of the service gave no answer in the time that a request had.
#pragma once

#include "async/async.hpp"
#include "domain/result.hpp"

namespace productd {

/// `error`, as whoever ran out of time told it; a deadline_exceeded at or after `deadline` as `<who> did not answer
/// within 5 s.`, with the time from `began` on. Who gave up earlier says why itself.
Error or_late(std::string_view who, Error error, Deadline began, Deadline deadline);

}  // namespace productd
