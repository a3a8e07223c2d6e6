// What a replay notes of letters, and how it sees what other runs note: whose `replaying` is first in the log has a
// letter.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/letters/dead_letter_box.hpp"
#include "app/ports/clock.hpp"
#include "app/ports/message_log.hpp"

namespace productd {

/// What one run of a replay has noted of its letters. Used on one executor.
class ReplayNotes {
public:
    /// `topic` holds the states of letters; `since` is how far the box had read it. `run` tells this run's marks from
    /// another's.
    ReplayNotes(MessageLog& log, Clock& clock, std::string topic, ReadUpTo since, std::string run)
        : log_(log),
          clock_(clock),
          topic_(std::move(topic)),
          since_(since),
          seen_(std::move(since)),
          run_(std::move(run)) {}

    /// failed_precondition when the topic is missing.
    Result<> check_topic() const;
    /// Whether another run noted the letter first, as far as is known here.
    bool is_others(const std::string& id) const;
    /// Notes that letters are about to be published, an outcome for each: done, aborted when another run was first, or
    /// why it could not be noted. Fails when it is not known who was first: then each may be listed as `replaying`.
    Task<std::vector<Result<>>> begin(std::vector<LetterMark> marks);
    /// Writes marks as they are, an outcome for each.
    Task<std::vector<Result<Position>>> write(const std::vector<LetterMark>& marks);

private:
    Task<> read();

    MessageLog& log_;
    Clock& clock_;
    std::string topic_;
    ReadUpTo since_;  ///< Marks beyond were written after the box was read, by others or by this run.
    ReadUpTo seen_;   ///< Marks read so far; those beyond since_ are in notes_.
    std::string run_;
    std::map<std::string, std::string> notes_;  ///< Who noted something of a letter first since the box was read.
};

}  // namespace productd
