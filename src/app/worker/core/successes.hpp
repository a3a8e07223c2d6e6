// Which writes of the store succeeded last: the proof that a failure is a product's own.
#pragma once

#include <cstdint>
#include <utility>

#include "domain/object_id.hpp"

namespace productd {

/// A confirmed write, of a call that began and ended at steps of the worker. Reads prove nothing.
struct Success {
    ProductId id;
    std::uint64_t began = 0;
    std::uint64_t ended = 0;
};

/// The latest successes of two products, so that every product has that of another. Not thread-safe.
class Successes {
public:
    void note(const Success& success) {
        if (success.id != last_.id) other_ = std::exchange(last_, success);
        last_ = success;
    }
    /// The latest of a product other than `id`; its steps are 0 when there is none.
    const Success& other_than(const ProductId& id) const { return last_.id == id ? other_ : last_; }
    /// The latest of any.
    const Success& latest() const { return last_; }

private:
    Success last_;
    Success other_;
};

}  // namespace productd
