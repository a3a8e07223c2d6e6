// What a connection's answers occupy that wait for their reader.
#pragma once

#include "async/byte_budget.hpp"
#include "inbound/http/http_bounds.hpp"

namespace productd {

/// Used on the connection's executor. What it holds of the budget is given back with it.
class Http2Unsent {
public:
    explicit Http2Unsent(ByteBudget& budget) : held_(budget) {}

    std::size_t bytes() const { return bytes_; }
    /// Whether an answer may be kept that is added next. A small one always may.
    bool has_room_for(std::size_t body_bytes) {
        return hold(bytes_ + body_bytes) || body_bytes <= http_bounds::answer_bytes_free;
    }
    void add(std::size_t bytes) {
        bytes_ += bytes;
        static_cast<void>(hold(bytes_));  // Held already, or small.
    }
    void remove(std::size_t bytes) {
        bytes_ -= bytes;
        static_cast<void>(hold(bytes_));  // Less is never refused.
    }

private:
    bool hold(std::size_t bytes) { return held_.hold(bytes > http_bounds::answer_bytes_free ? bytes : 0); }

    ByteBudget::Share held_;
    std::size_t bytes_ = 0;
};

}  // namespace productd
