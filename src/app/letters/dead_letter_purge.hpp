// Gives the room of dead letters back. Calls the log.
#pragma once

#include "app/letters/dead_letter_box.hpp"

namespace productd {

struct PurgeReport {
    std::int64_t letters_freed = 0;  ///< Dropped from the dead letter topic, earlier ones of an id included.
    std::int64_t marked = 0;         ///< Purged, but behind a letter that is not dealt with: freed with it.
    std::int64_t marks_freed = 0;    ///< Dropped from the state topic.
};

/// Frees each partition of dead letters up to the first that is not dealt with, `chosen` (ids) counting as purged;
/// marks those behind it; rewrites the marks that still say something and drops the others. Frees before it writes, so
/// it works with both topics full. Broken off at any point it can be run again, and other commands may run beside it.
/// `run` tells its marks from another command's.
Task<PurgeReport> purge_letters(MessageLog& log, TopicNames names, const DeadLetterBox& box,
                                std::vector<std::string> chosen, std::string run, Timestamp now);

/// What a replay leaves behind and nobody will ask for again (letters that a newer one of their id stands for, marks
/// with a newer one) is freed once it is more than all else and some hundred: so nothing grows however often the same
/// letters are replayed. Letters behind another that is not dealt with stay.
Task<PurgeReport> tidy_letters(MessageLog& log, TopicNames names, const DeadLetterBox& box, Timestamp now);

}  // namespace productd
