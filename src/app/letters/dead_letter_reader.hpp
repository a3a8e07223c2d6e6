// A dead letter read back from its JSON.
#pragma once

#include <string>
#include <string_view>

#include "app/ports/message_log.hpp"

namespace productd {

struct ReadLetter {
    Position origin;
    std::string error;
    std::string code;
    std::vector<Violation> violations;  ///< Of an invalid message.
    std::string group;
    std::string traceparent;
    std::optional<std::string> key;
    std::optional<std::string> payload;
    Headers headers;
    std::int64_t attempts = 1;
    std::int64_t replays = 0;
    Timestamp first_failure{};
    Timestamp last_failure{};
    bool truncated = false;  ///< Payload and headers are not in it: it cannot be replayed.
    std::int64_t payload_bytes = 0;
};

/// Exactly what encode_dead_letter() wrote. Any other text is invalid_argument: somebody else's, or damaged.
Result<ReadLetter> read_dead_letter(std::string_view text);

/// The message the letter tells of, as it was first read.
Message original(const ReadLetter& letter);

}  // namespace productd
