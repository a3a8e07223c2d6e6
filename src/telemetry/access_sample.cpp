// A generator of numbers a thread. Calls the codec's splitmix64.
#include "telemetry/access_sample.hpp"

#include <random>

#include "codec/splitmix64.hpp"

namespace productd {

namespace {

/// At least 0, less than 1.
double chance() {
    thread_local std::uint64_t state = (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}();
    state += 0x9E3779B97F4A7C15ULL;
    return static_cast<double>(splitmix64(state) >> 11) * 0x1p-53;
}

}  // namespace

AccessLine access_line(const AccessSample& settings, AccessEnd end, std::chrono::duration<double> took) {
    if (end == AccessEnd::failure || settings.ratio >= 1 || took >= settings.slow) return {};
    return {chance() < settings.ratio, 1 / settings.ratio};
}

}  // namespace productd
