// What the marks of a letter say together, in whatever order they are read and whichever of them a compaction left.
#pragma once

#include <map>
#include <span>

#include "app/letters/dead_letter_state.hpp"

namespace productd {

/// A mark and where it stands. Its payload may be left out: `has_payload` says whether there is one.
struct NotedMark {
    LetterMark mark;
    Position position;
    bool has_payload = false;
};

struct FoldedMarks {
    /// Of the newest letter; nothing when no mark speaks of it.
    std::optional<LetterState> state;
    bool was_replayed = false;           ///< An earlier letter of the id was, or was about to be.
    std::optional<Timestamp> published;  ///< Of the last replay noted.
    std::optional<Position> edit;        ///< The mark whose payload replaces the letter's.
    /// The marks that say this: with these alone it is the same.
    std::vector<Position> needed;
};

/// `letters`: the newest letter of the id by partition. Of one run's marks the last counts, unless the run withdrew;
/// between runs `purged` stands against all others, else the last. A mark that does not know one of the letters says
/// nothing of it, but that the message was replayed before. An edit holds until there is another letter or edit.
FoldedMarks fold(std::span<const NotedMark> marks, const LetterPlaces& letters);

}  // namespace productd
