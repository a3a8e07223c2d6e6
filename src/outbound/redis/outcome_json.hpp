// What one instance tells another of an event it has finished, as JSON.
#pragma once

#include <string>
#include <string_view>

#include "app/ports/outcomes.hpp"

namespace productd {

struct ToldOutcome {
    std::string wait_id;
    Position position;
    Outcome outcome;
};

std::string encode_outcome(const ToldOutcome& told);
/// Fails with data_loss for anything else, such as what another version sends: it is then as if nothing was heard.
Result<ToldOutcome> decode_outcome(std::string_view text);

}  // namespace productd
