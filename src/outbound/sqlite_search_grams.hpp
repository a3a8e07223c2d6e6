// What the search index holds of a text: every run of one to three characters in it, and where two words meet.
//
// Runs of three alone would make phrases of common words slow: every run of them stands in a tenth of all products, so
// almost all of these would have to be compared. The three characters before a space with the three behind it are rare.
#pragma once

#include <sqlite3.h>

#include <string_view>
#include <vector>

namespace productd {

/// The grams that together stand for `folded` in a query: the text itself when it has at most three characters, else
/// each distinct meeting of words and then each distinct run of three. `folded` is not empty, and must outlive the
/// result.
std::vector<std::string_view> query_grams(std::string_view folded);

/// Whether a text that has all `grams` of `folded` surely holds it.
inline bool are_exact(const std::vector<std::string_view>& grams, std::string_view folded) {
    return grams.size() == 1 && grams.front().size() == folded.size();
}

/// Adds the FTS5 tokenizer `productd_grams` to a connection (https://sqlite.org/fts5.html#custom_tokenizers): of a
/// document it yields the grams of each of the fields parted by folded_break; a query's phrase is one gram as it
/// stands. Returns a result code of SQLite. SQLite's own trigram tokenizer knows no terms of one and two characters,
/// and stops at U+0000.
int add_gram_tokenizer(sqlite3* connection);

}  // namespace productd
