// Compares the tags a request lists with the one there is. Calls version_etag.
#include "inbound/rest/preconditions.hpp"

#include <algorithm>

#include "inbound/rest/product_requests.hpp"
#include "inbound/rest/version_etag.hpp"

namespace productd {

Precondition precondition(const HttpRequest& request, std::optional<Version> version) {
    const auto lists = [version](const std::string& header, WeakTags weak) {
        const auto tags = parse_tags(header, weak);
        return tags.any || (version && std::ranges::find(tags.versions, *version) != tags.versions.end());
    };
    const auto match = list_header(request, "if-match");
    if (match && !lists(*match, WeakTags::never_match)) return Precondition::fails;
    const auto none_match = list_header(request, "if-none-match");
    if (none_match && lists(*none_match, WeakTags::match)) return Precondition::is_known;
    return Precondition::holds;
}

}  // namespace productd
