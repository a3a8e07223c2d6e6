// What made a change, as far as the product remembers it.
#pragma once

#include <optional>

#include "domain/decide.hpp"

namespace productd {

/// When the change was made: what readers see as updatedAt, or the time of the deletion; nothing of what is gone.
std::optional<Timestamp> time_of_change(const Stored& latest);

/// The message whose time is the change's. Nothing for a direct write, and where an older message was applied behind a
/// newer one: a product remembers the latest time of each partition, not of each message.
std::optional<Position> message_of_change(const Stored& latest);

}  // namespace productd
