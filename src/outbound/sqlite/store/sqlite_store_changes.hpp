// The order in which products were changed: a number for each change, written in its transaction. The feed reads it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "async/task.hpp"
#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// For the writer's thread, but for what told() gives.
class SqliteStoreChanges {
public:
    /// How far the changes are durable, for all threads.
    class Told {
    public:
        explicit Told(std::int64_t incarnation) : incarnation_(incarnation) {}

        std::int64_t incarnation() const { return incarnation_; }
        void reached(std::int64_t number);
        /// Blocks until there is a change behind `number`, until `until`, or until end().
        void wait(std::int64_t number, Deadline until);
        void end();

    private:
        const std::int64_t incarnation_;
        std::mutex mutex_;
        std::condition_variable changed_;
        std::int64_t last_ = 0;
        bool has_ended_ = false;
    };

    /// The latest `kept_max` are kept; who is further behind begins anew.
    static Result<SqliteStoreChanges> prepare(SqliteDatabase& database, std::int64_t kept_max);

    /// Within a transaction: notes a change of the product and returns its number, for the product's row.
    Result<std::int64_t> note(std::string_view id);
    /// Within a transaction, behind its changes: drops some of those that are kept no longer, twice as many as came.
    Result<> trim();
    /// Behind the commit.
    void committed();
    /// The transaction was given up.
    void forget() { numbers_ = durable_; }

    std::shared_ptr<Told> told() const { return told_; }

private:
    struct Numbers {
        std::int64_t first = 1;  ///< That is kept; one above `last` when there is none.
        std::int64_t last = 0;
    };

    std::int64_t kept_max_ = 0;
    Numbers numbers_, durable_;
    std::shared_ptr<Told> told_;
    SqliteStatement note_, trim_;
};

}  // namespace productd
