// Whether what a dead letter wanted has been passed by.
#pragma once

#include <string>

#include "domain/decide.hpp"

namespace productd {

/// Why a change that failed at `origin` must not be replayed unasked, as a part of a sentence; empty when nothing
/// speaks against it. A product that was made after an update or delete of it, and not changed since, does not: that
/// is what the change waited for.
std::string overtaken_by(ChangeKind kind, const Position& origin, const Stored& stored);

}  // namespace productd
