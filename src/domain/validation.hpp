// The rules of the contract for a product's content.
#pragma once

#include <cstddef>
#include <vector>

#include "domain/product.hpp"
#include "domain/result.hpp"

namespace productd {

/// Whether every required member must be given (create, PUT, messages) or only what is given is looked at (field
/// masks).
enum class Required { all, given };

/// Whether `count` photos with so many bytes of text between them are a list one may send. Above a thousand they need
/// five bytes each, so that a list in memory takes at most about four times what it took on the wire.
constexpr bool photos_fit(std::size_t count, std::size_t bytes) { return count <= 1'000 || bytes >= 5 * count; }
inline constexpr const char* photos_rule = "must be at most 1,000, or have at least 5 bytes each on average";

/// Every rule `draft` breaks, in the order of the contract's table; empty when it may be stored. Lengths count
/// Unicode code points. Never fails early: a caller sees all bad fields at once.
std::vector<Violation> violations(const Draft& draft, Required required);

/// A draft that obeys the contract, which nothing but validated() can make of one: what has this type was looked at.
class ValidDraft {
public:
    /// Gives nothing, in which nothing can be wrong: the draft of a removal.
    static ValidDraft nothing() { return ValidDraft({}); }

    operator const Draft&() const { return draft_; }
    const Draft* operator->() const { return &draft_; }
    bool operator==(const ValidDraft&) const = default;

private:
    friend Result<ValidDraft> validated(Draft draft, Required required);
    explicit ValidDraft(Draft draft) : draft_(std::move(draft)) {}

    Draft draft_;
};

/// Fails with `invalid_argument` listing every rule that `draft` breaks.
Result<ValidDraft> validated(Draft draft, Required required);

/// Fails with `invalid_argument` listing `found`, unless it is empty.
Result<> accept(std::vector<Violation> found);

}  // namespace productd
