// Whether Redis takes writes: one that is full, or a replica, answers them with an error.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "codec/resp.hpp"

namespace productd {

/// Told on the loop, asked from any thread.
class RedisRefusals {
public:
    /// What became of a write. A refusal is counted and logged, one line a while.
    void note_write(const RespValue& reply) { reply.is_error() ? refused(reply) : taken(); }
    void refused(const RespValue& reply);
    void taken();
    /// A read that was answered with an error: counted alone, since it says nothing of writes.
    void read_refused() { count_.fetch_add(1, std::memory_order_relaxed); }

    /// Why the last write was not taken; nothing when it was.
    std::optional<Error> why() const;
    std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> count_{0};
    mutable std::mutex mutex_;
    std::optional<Error> why_;
    std::chrono::steady_clock::time_point quiet_until_{};  ///< One line a while, not one a write.
    bool is_told_ = false;                                 ///< That it refuses, and not yet that it takes again.
};

}  // namespace productd
