// Which messages of the embedded log are to be moved to another log, and what they say there.
#pragma once

#include <deque>
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
    /// `topic/partition/offset/time` of a message, and what it says there.
    struct Wanted {
        std::string origin;
        Record record;
    };
    /// Of one topic.
    struct Reading {
        Topic topic;
        std::int32_t partitions = 0;  ///< There.
        TopicScan messages;
        std::deque<Wanted> states{};
        std::uint64_t finished = 0;  ///< Those that need not be moved, so far.
    };

    /// All outlive it. `store`: null where the products are somewhere else.
    LogPlan(SqliteLogScan& log, SqliteStoreScan* store, MessageLog& to, Settings settings)
        : log_(log), store_(store), to_(to), settings_(std::move(settings)) {}

    /// Dead letters first, then what was done with them, then changes.
    std::vector<Topic> topics() const;
    /// What is to be moved of a topic: next() gives it, in order, and nothing at the end.
    Task<Reading> read(Topic topic);
    Result<std::optional<Wanted>> next(Reading& reading);
    /// How many are unread.
    Result<std::uint64_t> unread();
    /// Where the dead letters are there. What was done with them names them by it, so it has to be known before.
    void note_letters(MovedMessages there) { letters_there_ = std::move(there); }

private:
    Result<> read_states(Reading& reading);
    Result<std::vector<SqliteLogPartition>> partitions(const std::string& topic);
    Task<std::int32_t> partitions_there(Topic topic);
    Result<> read_letters();
    Result<LetterPlaces> places_there(const LetterPlaces& here);

    SqliteLogScan& log_;
    SqliteStoreScan* store_;
    MessageLog& to_;
    Settings settings_;
    std::optional<FinishedByGroup> finished_;
    MovedMessages letters_there_;
};

}  // namespace productd
