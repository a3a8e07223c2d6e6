// Reads and writes the tags that stand for versions.
#include "inbound/rest/version_etag.hpp"

#include <algorithm>

#include "domain/integer.hpp"

namespace productd {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::string version_etag(Version version) { return '"' + std::to_string(version.value) + '"'; }

TagList parse_tags(std::string_view header, WeakTags weak) {
    TagList list;
    if (trimmed(header) == "*") {
        list.any = true;
        return list;
    }
    while (!header.empty()) {
        auto tag = trimmed(header.substr(0, header.find(',')));
        header.remove_prefix(
            std::min(header.size(), header.find(',') == std::string_view::npos ? header.size() : header.find(',') + 1));
        if (tag.starts_with("W/")) {
            if (weak == WeakTags::never_match) continue;
            tag.remove_prefix(2);
        }
        if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') continue;
        tag = tag.substr(1, tag.size() - 2);
        if (tag.front() == '0' || tag.front() == '-') continue;  // Tags are compared letter by letter: "07" is not "7".
        if (const auto version = parse_integer(tag)) list.versions.push_back(Version{*version});
    }
    return list;
}

}  // namespace productd
