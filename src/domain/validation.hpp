// The rules of the contract for a product's content.
#pragma once

#include <vector>

#include "domain/product.hpp"
#include "domain/result.hpp"

namespace productd {

/// Whether every required member must be given (create, PUT, messages) or only what is given is looked at (field
/// masks).
enum class Required { all, given };

/// Every rule `draft` breaks, in the order of the contract's table; empty when it may be stored. Lengths count
/// Unicode code points. Never fails early: a caller sees all bad fields at once.
std::vector<Violation> violations(const Draft& draft, Required required);

/// Fails with `invalid_argument` listing `found`, unless it is empty.
Result<> accept(std::vector<Violation> found);

}  // namespace productd
