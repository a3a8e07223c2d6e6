// What became of an event: the worker tells, the request that published it waits.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "app/ports/product_cache.hpp"
#include "domain/position.hpp"

namespace productd {

/// The change is stored: the product as it is now, or null with the tombstone's version.
using Applied = CachedProduct;

/// The event is finished, but what it did cannot be told.
struct Finished {};

using Outcome = std::variant<Applied, Finished, Error>;

/// The wait of one request for its own event. Used on the executor it was registered with.
class OutcomeWait {
public:
    virtual ~OutcomeWait() = default;
    virtual const std::string& id() const = 0;  ///< Travels in the event's header.
    /// Resumes with the outcome of the event at `acknowledged`, also when that was told before; nothing at `deadline`.
    virtual asio::awaitable<std::optional<Outcome>> until(Position acknowledged, Deadline deadline) = 0;
};

/// Whether what other instances finish is heard here.
enum class Hearing {
    all,     ///< There is nobody else.
    likely,  ///< A message may be lost.
    none,    ///< Who waits had better look in the store.
};

class Outcomes {
public:
    virtual ~Outcomes() = default;
    /// From any thread.
    virtual Hearing hearing() const { return Hearing::all; }
    /// Registers before the event is published, so that no outcome is missed. Nothing when too many requests wait.
    virtual std::unique_ptr<OutcomeWait> expect(asio::any_io_executor executor) = 0;
    /// Counts only if a request waits under `wait_id` for the event at this very position. From any thread.
    virtual void tell(const std::string& wait_id, const Position& position, const Outcome& outcome) = 0;
};

/// What requests should know of the worker before they wait for it. Lock-free.
class PipelineState {
public:
    virtual ~PipelineState() = default;
    /// Age of the oldest message it is about to apply; what is parked or failing alone does not count. 0 for none.
    virtual std::chrono::milliseconds lag() const = 0;
    virtual bool store_is_down() const = 0;
};

}  // namespace productd
