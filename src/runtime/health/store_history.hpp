// Whether the store's file is the one that the log's commits rest on.
#pragma once

#include "app/health/readiness.hpp"
#include "app/ports/message_log.hpp"
#include "app/ports/product_store.hpp"

namespace productd {

/// What the store lacks of what the log calls finished, and what to do; nothing where the log never heard of a store.
/// `now`: nothing where there is no file.
Result<> check_history(const std::optional<StoreMark>& behind_commits, const std::optional<StoreMark>& now);

/// Compares the two as they were opened. Where all is there the log remembers the store from here on; else it goes on
/// remembering the one that is missing, and `history` and a line of the log say so. Fails where the log does.
Task<> take_up(MessageLog& log, const ProductStore& store, Result<>& history);

/// Not ready while something is missing. `history` outlives the readiness.
void add_history_check(Readiness& readiness, const Result<>& history);

}  // namespace productd
