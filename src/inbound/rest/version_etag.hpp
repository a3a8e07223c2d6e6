// Entity tags: a product's version as ETag, and what If-Match and If-None-Match list (RFC 9110, section 13.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/product.hpp"

namespace productd {

/// The strong tag of a version: `"7"`.
std::string version_etag(Version version);

/// What such a header lists.
struct TagList {
    bool any = false;               ///< `*`
    std::vector<Version> versions;  ///< From the tags that are ours; others match nothing.
};

/// Whether `W/"7"` counts as `"7"`: for If-None-Match it does, for If-Match nothing weak matches.
enum class WeakTags { match, never_match };
TagList parse_tags(std::string_view header, WeakTags weak);

}  // namespace productd
