// Outcomes within one process.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "app/ports/ids.hpp"
#include "app/ports/outcomes.hpp"

namespace productd {

class ProcessOutcomes : public Outcomes {
public:
    /// `waits_max`: requests that may wait at a time; more are answered without waiting. `instance`: what its wait ids
    /// begin with.
    ProcessOutcomes(Ids& ids, std::size_t waits_max, std::string instance = {})
        : ids_(ids), waits_max_(waits_max), instance_(std::move(instance)) {}

    std::unique_ptr<OutcomeWait> expect(asio::any_io_executor executor) override;
    void tell(const std::string& wait_id, const Position& position, const Outcome& outcome) override;

private:
    class Wait;
    struct Slot;

    Ids& ids_;
    std::size_t waits_max_;
    std::string instance_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Slot>> slots_;
};

}  // namespace productd
