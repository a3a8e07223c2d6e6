// Which requests have a line of their own in the log, where not all have.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace productd {

struct AccessSample {
    double ratio = 1;                     ///< Logger.AccessSample: of the requests that went well, 0 to 1.
    std::chrono::milliseconds slow{500};  ///< Logger.AccessSlow: what takes as long has a line in any case.
};

enum class AccessEnd { success, failure };

/// Whether one request has a line, and for how many it stands.
struct AccessLine {
    bool is_written = true;
    std::optional<double> sample;  ///< `1 / ratio`; nothing where it stands for itself alone.
};

/// Chance decides, each time anew: no rhythm of a client's requests is seen in what is left.
AccessLine access_line(const AccessSample& settings, AccessEnd end, std::chrono::duration<double> took);

}  // namespace productd
