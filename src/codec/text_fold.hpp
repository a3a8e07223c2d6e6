// Case folding: the one rule by which the search treats letters as the same.
#pragma once

#include <string>
#include <string_view>

namespace productd {

// Folded text never holds upper-case ASCII letters, so these can stand for what must not be taken for text.
constexpr char folded_nul = 'N';    ///< Stands for U+0000, which SQLite's index would take for the end.
constexpr char folded_break = 'B';  ///< Never yielded: free to part one field from the next.

/// `text` with Unicode's full case folding (É → é, ß → ss, İ → i with a dot above, ς → σ). Nothing else is made
/// equal: é is not e, and a letter with a combining mark is not its composed form. Each character folds by itself, so a
/// part of a text folds to a part of the folded text. Bytes that are not UTF-8 stay as they are.
std::string folded(std::string_view text);

/// The same, into `out`, whose memory is used again.
void fold(std::string_view text, std::string& out);

}  // namespace productd
