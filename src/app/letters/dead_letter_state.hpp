// What became of a dead letter, as a record of the compacted topic `dead-letter-state`.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "app/ports/message_log.hpp"

namespace productd {

enum class LetterState { open, replaying, replayed, edited, purged };

constexpr const char* name(LetterState state) {
    switch (state) {
        case LetterState::open: return "open";
        case LetterState::replaying: return "replaying";
        case LetterState::replayed: return "replayed";
        case LetterState::edited: return "edited";
        case LetterState::purged: return "purged";
    }
    std::unreachable();
}

/// The last letter of an id in each partition of the dead letter topic: almost always one, as they have one key.
using LetterPlaces = std::map<std::int32_t, std::int64_t>;

/// What a run of a command says of a letter. A run writes each state once; with `open` it withdraws what it said.
struct LetterMark {
    std::string id;  ///< The letter's messageId.
    LetterState state = LetterState::open;
    LetterPlaces letters;                ///< Those it speaks of: any other, or later one is not dealt with by it.
    std::string run;                     ///< Which run of a command wrote it.
    std::optional<Timestamp> published;  ///< The time of the message a replay publishes.
    std::optional<std::string> payload;  ///< What replaces the letter's payload, once it was edited.
    /// The mark's first offset, set by read_mark(). The higher of two with one id was written later, wherever they
    /// stand now: a purge may have moved the older one behind the newer.
    std::int64_t order = 0;
};

/// A record with this header has room in a kept topic that is full: only `dlq purge` writes it.
inline constexpr const char* purge_header = "productd-purge";

/// The offset a mark was first written at, once a purge has moved it.
inline constexpr const char* moved_header = "productd-moved-from";

/// All marks of an id go to one of the topic's `partitions`. Each has a key of its own, so that a compaction drops
/// nothing but copies: its writer may not have seen the mark before it. 0: the topic is not there.
Record encode_mark(const std::string& topic, std::int32_t partitions, const LetterMark& mark, Timestamp now);

/// The same mark for the end of its partition, its key and order kept. Only for purge.
Record moved_mark(Message message);

/// Fails with invalid_argument for what encode_mark() did not write.
Result<LetterMark> read_mark(const Message& message);

}  // namespace productd
