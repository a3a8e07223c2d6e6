// Gives the room of dead letters back. Calls the log.
#pragma once

#include "app/dead_letter_box.hpp"

namespace productd {

struct PurgeSettings {
    bool replayed_too = false;  ///< What was replayed and did not come back counts as dealt with.
    std::string run;
};

struct PurgeReport {
    std::int64_t letters_freed = 0;  ///< Dropped from the dead letter topic.
    std::int64_t marked = 0;         ///< Purged, but behind a letter that is not dealt with: freed with it.
    std::int64_t marks_freed = 0;    ///< Dropped from the state topic.
};

/// Frees each partition of dead letters up to the first that is not dealt with, `chosen` (ids) counting as purged;
/// marks those behind it; rewrites the marks that still say something and drops the others. Frees before it writes, so
/// it works with both topics full. Broken off at any point it can be run again.
Task<PurgeReport> purge_letters(MessageLog& log, TopicNames names, std::vector<LetterEntry> entries,
                                std::vector<std::string> chosen, PurgeSettings settings, Timestamp now);

}  // namespace productd
