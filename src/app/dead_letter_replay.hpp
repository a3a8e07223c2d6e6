// Publishes the messages of dead letters again. Calls the log and looks at what is stored.
#pragma once

#include <map>
#include <set>
#include <span>

#include "app/dead_letter_box.hpp"

namespace productd {

/// What is stored under each id, in the order asked.
using FindStored = std::function<Task<std::vector<Stored>>(std::vector<ProductId>)>;

struct ReplaySettings {
    bool dry_run = false;
    bool force = false;               ///< Overtaken ones too.
    bool again = false;               ///< Those that were replayed before, or may have been.
    std::optional<double> rate = {};  ///< Messages per second.
    std::string run;                  ///< Tells this run's marks from another's.
};

struct ReplayOutcome {
    enum class What { replayed, would_replay, skipped, failed };
    What what = What::skipped;
    std::string why;  ///< A sentence, unless it was replayed.
};

class DeadLetterReplay {
public:
    using Told = std::function<void(const LetterEntry&, const ReplayOutcome&)>;

    DeadLetterReplay(MessageLog& log, FindStored find, Clock& clock, TopicNames names, ReplaySettings settings,
                     Told told)
        : log_(log),
          find_(std::move(find)),
          clock_(clock),
          names_(std::move(names)),
          settings_(std::move(settings)),
          told_(std::move(told)) {}

    /// Replays `entries`, which are in the box's order, and tells what becomes of each. A product's messages are
    /// published one after the other; when one fails, its later ones are left for another run. Two runs at a time do
    /// not both publish a letter: whose `replaying` is first in the log has it. Fails when the log as a whole does.
    Task<> run(std::vector<LetterEntry> entries);

private:
    struct Prepared {
        LetterEntry entry;
        ReadLetter letter;
        std::optional<ChangeKind> kind;
        std::optional<ProductId> product;
        std::string lane;  ///< What keeps its order.
    };
    using Batch = std::vector<Prepared>;

    std::optional<std::string> refusal(const LetterEntry& entry) const;
    Task<Batch> prepare(std::span<const LetterEntry> entries, std::size_t& taken);
    Task<Batch> without_overtaken(Batch batch);
    Task<> publish(Batch batch);
    Task<Batch> mark_replaying(Batch batch);
    Task<> mark_replayed(Batch batch);
    LetterMark mark_of(const Prepared& prepared, LetterState state) const;
    Record record_of(const Prepared& prepared) const;
    void tell(const LetterEntry& entry, ReplayOutcome::What what, std::string why = {}) {
        told_(entry, {what, std::move(why)});
    }
    void block(const Prepared& prepared, std::string why);

    Task<> note_ends();
    Task<std::map<std::string, LetterMark>> first_marks_since();

    MessageLog& log_;
    FindStored find_;
    Clock& clock_;
    TopicNames names_;
    ReplaySettings settings_;
    Told told_;
    std::set<std::string> blocked_;                ///< Lanes of which one failed.
    std::map<TopicPartition, std::int64_t> seen_;  ///< Marks read so far, by partition.
};

}  // namespace productd
