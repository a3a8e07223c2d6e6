// One sentence. Calls the codec's shortest form of a number.
#include "app/ports/late.hpp"

#include "codec/json/json_text.hpp"

namespace productd {

namespace {

/// To hundredths: `5`, `0.25`, `1.5`.
std::string seconds(Deadline::duration time) {
    const auto hundredths = (std::chrono::round<std::chrono::milliseconds>(time).count() + 5) / 10;
    std::string text;
    json::append_number(text, static_cast<double>(hundredths) / 100);
    return text;
}

}  // namespace

Error or_late(std::string_view who, Error error, Deadline began, Deadline deadline) {
    if (error.code != Errc::deadline_exceeded || std::chrono::steady_clock::now() < deadline) return error;
    error.detail = std::string(who) + " did not answer within " + seconds(deadline - began) + " s.";
    return error;
}

}  // namespace productd
