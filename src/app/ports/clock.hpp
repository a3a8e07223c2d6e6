// What time it is: a port, faked in tests. Called from any thread.
#pragma once

#include "domain/product.hpp"

namespace productd {

class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
};

}  // namespace productd
