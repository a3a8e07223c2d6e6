// The query of a URL, and the conditions and tags in headers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/product.hpp"
#include "domain/result.hpp"

namespace productd {

/// The first value of `name` in a query, decoded as a form is (`+` is a blank, `%41` a byte); nothing when absent.
/// invalid_argument for a `%` that two hex digits do not follow.
Result<std::optional<std::string>> query_value(std::string_view query, std::string_view name);

/// The strong tag of a version: `"7"`.
std::string entity_tag(Version version);

/// What If-Match or If-None-Match lists (RFC 9110, section 13.1).
struct TagList {
    bool any = false;               ///< `*`
    std::vector<Version> versions;  ///< Of tags that are ours; others match nothing.
};

/// Whether `W/"7"` counts as `"7"`: for If-None-Match it does, for If-Match nothing weak matches.
enum class WeakTags { match, never_match };
TagList parse_tags(std::string_view header, WeakTags weak);

}  // namespace productd
