// The dead letters and what became of each: an index over two topics, payloads left where they are.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/events/event.hpp"
#include "app/events/topics.hpp"
#include "app/letters/dead_letter_reader.hpp"
#include "app/letters/dead_letter_state.hpp"

namespace productd {

struct LetterPlace {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
};

struct LetterEntry {
    std::string id;  ///< messageId; of a damaged letter its own position.
    Position origin;
    std::string code;   ///< `damaged` when it cannot be read.
    std::string error;  ///< 256 bytes at most, as `key`.
    std::string key;
    std::optional<ProductId> product;  ///< As the worker would read it.
    Timestamp sent{};                  ///< The message's time; of an impossible one, when it failed first.
    Position letter;                   ///< That of the last replay; its time is the last failure.
    std::int64_t letters = 0;          ///< How many of this id were read.
    std::vector<LetterPlace> earlier;  ///< Where the others of this id are.
    std::int64_t attempts = 0;
    std::int64_t replays = 0;
    std::int64_t payload_bytes = 0;
    bool damaged = false;
    bool truncated = false;
    LetterState state = LetterState::open;
    bool came_back = false;              ///< There is a letter of it that its last replay did not know.
    std::optional<Timestamp> published;  ///< The time of the message its last replay published, or was about to.
    std::optional<Position> edit;        ///< Where the mark with the payload that replaces the letter's is.
    std::string overtaken;               ///< Why, when it is and somebody has looked.
};

/// Whether a replay of it was noted and it did not come back since.
inline bool is_replayed(const LetterEntry& entry) { return entry.state == LetterState::replayed && !entry.came_back; }

/// Where its letters are.
LetterPlaces places_of(const LetterEntry& entry);

/// Its origin, with the time by which to judge what else became of its product.
inline Position judged(const LetterEntry& entry) { return {entry.origin.source, entry.origin.offset, entry.sent}; }

/// By partition: the offset behind the last message read.
using ReadUpTo = std::map<TopicPartition, std::int64_t>;

/// How many partitions of `topic` were read.
std::int32_t partitions_of(const ReadUpTo& read, const std::string& topic);

/// Each message of a topic, in order of partition and offset. A topic that is not there has none, and no partitions.
Task<ReadUpTo> for_each_message(MessageLog& log, std::string topic, std::function<void(const Message&)> visit);

class DeadLetterBox {
public:
    /// Reads both topics through. Memory: about half a kilobyte a letter.
    static Task<DeadLetterBox> read(MessageLog& log, TopicNames names);

    /// By what replay is ordered by: creates, updates, deletes; then partition and offset of the origin.
    const std::vector<LetterEntry>& entries() const { return entries_; }
    /// How far each partition of both topics was read: what is behind is not in the index.
    const ReadUpTo& read_up_to() const { return read_up_to_; }

    /// The entry whose id is, or alone begins with, `prefix`. not_found, or failed_precondition with the candidates.
    Result<std::size_t> find(std::string_view prefix) const;

private:
    friend class DeadLetterIndexing;
    std::vector<LetterEntry> entries_;
    ReadUpTo read_up_to_;
};

/// The whole letter, its payload the edited one if there is one. data_loss when it was trimmed meanwhile.
Task<ReadLetter> whole_letter(MessageLog& log, LetterEntry entry);

/// How the worker reads a message of its topic, whose time is not looked at: a replay gives it another where it must.
/// failed_precondition for a topic it does not consume.
Result<Event> decode_as_worker(const TopicNames& names, const Message& message);

}  // namespace productd
