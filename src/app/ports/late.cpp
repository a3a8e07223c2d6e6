// One sentence. Calls nobody.
#include "app/ports/late.hpp"

namespace productd {

namespace {

/// To hundredths, without zeros at its end: `5`, `0.25`, `1.5`.
std::string seconds(Deadline::duration time) {
    const auto hundredths = (std::chrono::round<std::chrono::milliseconds>(time).count() + 5) / 10;
    auto text = std::to_string(hundredths / 100);
    if (hundredths % 100 != 0) text += '.' + std::to_string(hundredths / 10 % 10);
    if (hundredths % 10 != 0) text += std::to_string(hundredths % 10);
    return text;
}

}  // namespace

Error or_late(std::string_view who, Error error, Deadline began, Deadline deadline) {
    if (error.code != Errc::deadline_exceeded || std::chrono::steady_clock::now() < deadline) return error;
    error.detail = std::string(who) + " did not answer within " + seconds(deadline - began) + " s.";
    return error;
}

}  // namespace productd
