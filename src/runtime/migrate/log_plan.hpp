// Which messages of the embedded log are to be moved to another log, and what they say there.
#pragma once

#include <functional>
#include <optional>

#include "app/letters/dead_letter_state.hpp"
#include "runtime/migrate/moved_messages.hpp"
#include "runtime/migrate/unread_messages.hpp"

namespace productd {

class LogPlan {
public:
    struct Settings {
        std::string group;  ///< Whose messages are unread here.
        TopicNames names;   ///< What the topics are called there.
        Timestamp now{};
        bool dry_run = false;
    };
    /// One of the log's topics: nothing for `kind` where it is one of dead letters.
    struct Topic {
        std::string from, to;
        std::optional<ChangeKind> kind;
        bool is_states = false;
    };
    /// Hears `topic/partition/offset/time` of a message, and what it says there.
    using Each = std::function<Task<>(std::string, Record)>;

    /// All outlive it. `store`: null where the products are somewhere else.
    LogPlan(SqliteLogScan& log, SqliteStoreScan* store, MessageLog& to, Settings settings)
        : log_(log), store_(store), to_(to), settings_(std::move(settings)) {}

    /// Dead letters first, then what was done with them, then changes.
    std::vector<Topic> topics() const;
    /// Calls `each` with what is to be moved of a topic, in order. Returns how many are finished.
    Task<std::uint64_t> for_each(Topic topic, Each each);
    /// How many are unread.
    Result<std::uint64_t> unread();
    /// Where the dead letters are there. What was done with them names them by it, so it has to be known before.
    void note_letters(MovedMessages there) { letters_there_ = std::move(there); }

private:
    Task<std::uint64_t> for_each_state(Topic topic, Each each);
    Result<std::vector<SqliteLogPartition>> partitions(const std::string& topic);
    Task<std::int32_t> partitions_there(Topic topic);
    Result<> read_letters();
    LetterPlaces places_there(const LetterPlaces& here) const;

    SqliteLogScan& log_;
    SqliteStoreScan* store_;
    MessageLog& to_;
    Settings settings_;
    std::optional<FinishedByGroup> finished_;
    std::map<std::pair<std::int32_t, std::int64_t>, std::string>
        letters_;  ///< Origin of the letter at each place here.
    MovedMessages letters_there_;
};

}  // namespace productd
