// Splits the expression into conditions, each a small predicate. Calls time_text.
#include "app/letters/dead_letter_filter.hpp"

#include <algorithm>

#include "codec/time_text.hpp"

namespace productd {

namespace {

struct Condition {
    std::string_view name;
    char sign = '=';
    std::string value;
    std::size_t at = 0;
};

Error wrong(std::size_t at, const std::string& what) {
    return invalid("The filter is not understood at position " + std::to_string(at + 1) + ": " + what);
}

/// The value at `at`, quoted or up to a blank; `at` moves behind it.
Result<std::string> value_at(std::string_view text, std::size_t& at) {
    const auto begin = at;
    if (at >= text.size() || text[at] != '"') {
        at = std::min(text.find(' ', at), text.size());
        return std::string(text.substr(begin, at - begin));
    }
    std::string value;
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        value += text[at];
    }
    if (at == text.size()) return fail(wrong(begin, "the quote is not closed."));
    ++at;
    if (at < text.size() && text[at] != ' ') return fail(wrong(at, "a blank is missing behind the quote."));
    return value;
}

Result<std::vector<Condition>> conditions_of(std::string_view text) {
    std::vector<Condition> found;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ') {
            ++at;
            continue;
        }
        Condition condition{.at = at};
        const auto sign = text.find_first_of("=~ ", at);
        if (sign == std::string_view::npos || text[sign] == ' ') {
            return fail(wrong(at, "a condition is NAME=VALUE or error~TEXT."));
        }
        condition.name = text.substr(at, sign - at);
        condition.sign = text[sign];
        at = sign + 1;
        auto value = value_at(text, at);
        if (!value) return fail(std::move(value).error());
        condition.value = std::move(*value);
        found.push_back(std::move(condition));
    }
    return found;
}

Result<LetterFilter> predicate(const Condition& condition) {
    const auto& value = condition.value;
    if (condition.sign == '~') {
        if (condition.name != "error") return fail(wrong(condition.at, "only error is searched with ~."));
        return [value](const LetterEntry& entry) { return entry.error.contains(value); };
    }
    if (condition.name == "code") return [value](const LetterEntry& entry) { return entry.code == value; };
    if (condition.name == "topic") {
        return [value](const LetterEntry& entry) { return entry.origin.source.topic == value; };
    }
    if (condition.name == "key") return [value](const LetterEntry& entry) { return entry.key == value; };
    if (condition.name == "id") return [value](const LetterEntry& entry) { return entry.id.starts_with(value); };
    if (condition.name == "product") {
        const auto id = ProductId::parse(value);
        if (!id) return fail(wrong(condition.at, "a product is 24 hexadecimal digits."));
        return [id = *id](const LetterEntry& entry) { return entry.product == id; };
    }
    if (condition.name == "state") {
        for (const auto state : {LetterState::open, LetterState::replaying, LetterState::replayed, LetterState::edited,
                                 LetterState::purged}) {
            if (value == name(state)) return [state](const LetterEntry& entry) { return entry.state == state; };
        }
        return fail(wrong(condition.at, "a state is open, replaying, replayed, edited or purged."));
    }
    if (condition.name == "since" || condition.name == "until") {
        const auto time = parse_time(value);
        if (!time) return fail(wrong(condition.at, "a time is 2026-01-31 or 2026-01-31T10:00:00Z."));
        if (condition.name == "since") return [t = *time](const LetterEntry& e) { return e.letter.time >= t; };
        return [t = *time](const LetterEntry& entry) { return entry.letter.time < t; };
    }
    return fail(wrong(condition.at, "there are code, topic, key, product, state, id, since, until and error~."));
}

}  // namespace

Result<LetterFilter> parse_letter_filter(std::string_view expression) {
    auto conditions = conditions_of(expression);
    if (!conditions) return fail(std::move(conditions).error());
    std::vector<LetterFilter> all;
    for (const auto& condition : *conditions) {
        auto one = predicate(condition);
        if (!one) return fail(std::move(one).error());
        all.push_back(std::move(*one));
    }
    return [all = std::move(all)](const LetterEntry& entry) {
        return std::ranges::all_of(all, [&](const LetterFilter& holds) { return holds(entry); });
    };
}

}  // namespace productd
