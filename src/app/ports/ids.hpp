// New ids: a port, faked in tests. Called from any thread.
#pragma once

#include <string>

#include "domain/product.hpp"

namespace productd {

class Ids {
public:
    virtual ~Ids() = default;
    virtual ProductId next() = 0;       ///< Unique; ascending within a process.
    virtual std::string wait_id() = 0;  ///< Random, 32 hex digits.
};

}  // namespace productd
