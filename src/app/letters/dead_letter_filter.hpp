// Which dead letters are meant: `code=not_found topic=update-product error~timeout`.
#pragma once

#include <functional>

#include "app/letters/dead_letter_box.hpp"

namespace productd {

using LetterFilter = std::function<bool(const LetterEntry&)>;

/// What `--help` says of it.
inline constexpr const char* letter_filter_help =
    "EXPR is conditions with blanks between, all of which must hold: code=, topic=, key=, product=, state=\n"
    "(open, replaying, replayed, edited, purged), id=PREFIX, since=TIME, until=TIME (2026-01-31 or\n"
    "2026-01-31T10:00:00Z, of the last failure), error~TEXT (contains). Quote values with blanks: error~\"no id\".";

/// Fails with invalid_argument and the place of what is not understood. An empty expression holds for every letter.
Result<LetterFilter> parse_letter_filter(std::string_view expression);

}  // namespace productd
