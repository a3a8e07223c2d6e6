// Small parsers of text from clients. Calls nobody.
#include "inbound/rest/http_query.hpp"

#include <algorithm>
#include <charconv>

namespace productd {

namespace {

std::optional<char> hex_byte(std::string_view digits) {
    unsigned value = 0;
    digits = digits.substr(0, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() < 2 || error != std::errc{} || end != digits.data() + 2) return std::nullopt;
    return static_cast<char>(value);
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const auto byte = hex_byte(text.substr(i + 1));
            if (!byte) return std::nullopt;
            out += *byte;
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

Result<std::optional<std::string>> query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        if (decoded(pair.substr(0, equals)) != name) continue;
        const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        auto text = decoded(value);
        if (!text) return fail(invalid("A % in the query is not followed by two hexadecimal digits."));
        return text;
    }
    return std::optional<std::string>{};
}

std::string entity_tag(Version version) { return '"' + std::to_string(version.value) + '"'; }

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
        Version version;
        const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), version.value);
        if (error == std::errc{} && end == tag.data() + tag.size()) list.versions.push_back(version);
    }
    return list;
}

}  // namespace productd
