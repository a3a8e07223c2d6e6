// Publishes the messages of dead letters again. Calls the log and looks at what is stored.
#pragma once

#include <set>
#include <span>

#include "app/letters/dead_letter_box.hpp"
#include "app/letters/dead_letter_overtaken.hpp"
#include "app/letters/replay_notes.hpp"
#include "app/ports/clock.hpp"
#include "app/ports/product_store.hpp"

namespace productd {

/// What is stored under each id, in the order asked.
using FindStored = std::function<Task<std::vector<Found>>(std::vector<ProductId>)>;

struct ReplaySettings {
    bool dry_run = false;
    bool force = false;               ///< Overtaken ones too.
    bool again = false;               ///< Those that were replayed before, or may have been.
    std::optional<double> rate = {};  ///< Messages per second.
    std::string run;                  ///< Tells this run's marks from another's.
};

struct ReplayOutcome {
    enum class What {
        replayed,
        would_replay,
        skipped,
        failed,    ///< It was not published.
        in_doubt,  ///< It was noted as `replaying`, and may have been published: needs --again.
    };
    static constexpr std::size_t kinds = 5;
    What what = What::skipped;
    std::string why;  ///< A sentence, unless it was replayed.
};

class DeadLetterReplay {
public:
    using Told = std::function<void(const LetterEntry&, const ReplayOutcome&)>;

    /// `box` must outlive it.
    DeadLetterReplay(MessageLog& log, FindStored find, Clock& clock, TopicNames names, const DeadLetterBox& box,
                     ReplaySettings settings, Told told)
        : log_(log),
          find_(std::move(find)),
          clock_(clock),
          names_(std::move(names)),
          replays_(known_replays(box)),
          settings_(std::move(settings)),
          notes_(log, clock, names_.dead_letter_states, box.read_up_to(), settings_.run),
          told_(std::move(told)) {}

    /// Replays `entries`, which are the box's and in its order, and tells what becomes of each. A product's messages
    /// are published one after the other; when one fails, its later ones are left for another run. Two runs at a time
    /// do not both publish a letter: whose `replaying` is first in the log has it. Fails when the log as a whole does;
    /// letters that were not told of then were not touched.
    Task<> run(std::vector<LetterEntry> entries);

private:
    struct Prepared {
        LetterEntry entry;
        ReadLetter letter;
        std::optional<ChangeKind> kind;
        std::optional<ProductId> product;
        std::string lane;       ///< What keeps its order.
        Timestamp published{};  ///< The time of the message to be.
    };
    using Batch = std::vector<Prepared>;

    Task<Batch> prepare(std::span<const LetterEntry> entries, std::size_t& taken);
    Task<Batch> without_overtaken(Batch batch);
    Task<std::size_t> publish(Batch batch);
    Task<Batch> mark_replaying(Batch batch);
    Task<> mark_ends(Batch published, Batch refused);
    LetterMark mark_of(const Prepared& prepared, LetterState state) const;
    Record record_of(const Prepared& prepared) const;
    void tell(const LetterEntry& entry, ReplayOutcome::What what, std::string why = {}) {
        told_(entry, {what, std::move(why)});
    }
    void block(const Prepared& prepared, ReplayOutcome::What what, std::string why);

    MessageLog& log_;
    FindStored find_;
    Clock& clock_;
    TopicNames names_;
    KnownReplays replays_;
    ReplaySettings settings_;
    ReplayNotes notes_;
    Told told_;
    std::set<std::string> blocked_;  ///< Lanes of which one failed.
};

}  // namespace productd
