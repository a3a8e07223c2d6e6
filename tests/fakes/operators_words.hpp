// Whether a sentence may be shown to whoever calls the API.
#pragma once

#include <regex>
#include <string>

namespace productd {

/// It names no configuration key, command, flag or address: these are for who runs the service.
inline bool is_for_callers(const std::string& sentence) {
    static const std::regex of_the_operator(
        R"(\b[A-Z]\w+\.[A-Za-z]\w+|productd|--\w|\d+\.\d+\.\d+\.\d+|[a-z]+\.[a-z]+\.[a-z]+|\.db\b)");
    return !sentence.empty() && !std::regex_search(sentence, of_the_operator);
}

}  // namespace productd
