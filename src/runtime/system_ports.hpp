// Time and ids of a running process.
#pragma once

#include <atomic>
#include <mutex>
#include <random>

#include "app/ports/clock.hpp"
#include "app/ports/ids.hpp"

namespace productd {

class SystemClock : public Clock {
public:
    Timestamp now() const override;
};

/// ObjectIds as BSON makes them: 4 bytes of seconds, 5 random ones of this process, a counter of 3. Thread-safe.
class ProcessIds : public Ids {
public:
    ProcessIds();
    ProductId next() override;
    std::string wait_id() override;

private:
    std::array<std::uint8_t, 5> process_{};
    std::atomic<std::uint32_t> counter_;
};

}  // namespace productd
