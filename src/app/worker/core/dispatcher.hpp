// Which call of the store comes next, if any may.
#pragma once

#include "app/worker/core/isolation.hpp"
#include "app/worker/core/parking.hpp"

namespace productd {

/// A place is always left to trusted products, or every second call where there is one place. Suspects, culprits and
/// looks for what is parked take turns in the others, culprits one at a time. While the breaker is half open there is
/// one call of one change at a time, every second one of a product free of failure, or the worker's own record.
class Dispatcher {
public:
    struct Parts {
        ProductLanes& lanes;
        CircuitBreaker& breaker;
        Pace& pace;
        Isolation& isolation;
        Parking& parking;
    };

    explicit Dispatcher(Parts parts) : parts_(parts) {}

    /// A call without its id; none when nothing may begin now.
    std::optional<StoreCall> next(const Now& now);
    void began(const StoreCall& call);
    void ended(const StoreCall& call);

    bool is_idle() const { return running_ == 0; }
    /// Whether one more may begin as soon as something is ready.
    bool has_place(const Now& now) const;

private:
    using Kind = StoreCall::Kind;
    static constexpr std::size_t kinds = 6;

    std::size_t running(Kind kind) const { return running_of_[static_cast<std::size_t>(kind)]; }
    std::optional<StoreCall> next_of_turn(const Now& now);
    std::optional<StoreCall> next_probe(const Now& now);
    std::optional<StoreCall> call_of(Kind kind, const Now& now);
    std::optional<StoreCall> with_items(Kind kind, std::vector<Item> items) const;

    Parts parts_;
    std::size_t running_ = 0;
    std::array<std::size_t, kinds> running_of_{};
    Kind last_ = Kind::suspects;
    std::size_t turn_ = 0;
    bool probes_failing_ = false;  ///< The last probe was of a product free of failure: one that fails is next.
};

}  // namespace productd
