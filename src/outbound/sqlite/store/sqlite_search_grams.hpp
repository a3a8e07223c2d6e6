// What the search indexes hold of a text. One has every character and every pair of characters. The other has every run
// of three, with its place in the text: a longer term is a phrase of runs that overlap, and found exactly. It also has
// where two words meet, the three characters before a space with the three behind it: each run of a phrase of common
// words stands in a tenth of all products or more, and their meetings are rare.
#pragma once

#include <sqlite3.h>

#include <string_view>
#include <vector>

namespace productd {

/// The characters of `folded`.
std::size_t characters(std::string_view folded);

/// Every run of three characters of `folded` (three at least), in order. `folded` must outlive the result.
std::vector<std::string_view> runs(std::string_view folded);
/// Every meeting of words within `folded`, in order.
std::vector<std::string_view> meetings(std::string_view folded);

/// Adds the FTS5 tokenizer `productd_grams` to a connection (https://sqlite.org/fts5.html#custom_tokenizers), with the
/// argument `shorts` or `runs`. Of a document it yields what the index holds, within each of the fields parted by
/// folded_break; a query's phrase is one gram as it stands. Returns a result code of SQLite. SQLite's own trigram
/// tokenizer knows no terms of one and two characters, and stops at U+0000.
int add_gram_tokenizer(sqlite3* connection);

}  // namespace productd
