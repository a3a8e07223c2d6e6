// What a commit remembers of the work finished above it, as the text a log keeps with the commit.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/product.hpp"

namespace productd {

/// Finished ranges [begin, end) above a commit, with the highest message time read when they were written.
struct FinishedAbove {
    Timestamp read_up_to{};
    std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
    bool operator==(const FinishedAbove&) const = default;
};

inline constexpr std::size_t metadata_bytes_max = 4'096;

/// What metadata cannot truly tell of, as far as its reader knows.
struct MetadataBounds {
    std::int64_t end = std::numeric_limits<std::int64_t>::max();  ///< The log's end: nothing is finished from there on.
    Timestamp read_up_to_max = Timestamp::max();                  ///< Later times are not believed.
};

/// ASCII, at most metadata_bytes_max, the shorter of two forms; numbers are decimal, the time in milliseconds:
/// `3;<checksum>;<time>;<gap>+<length>,…`: each range as its distance from the end of the one before (the first: from
/// the commit) and its length. `4;<checksum>;<time>;<bits>`: six offsets a character of `A–Z a–z 0–9 - _`; bit j of
/// character k stands for the offset commit + 6k + j. The checksum is the first 8 hex digits of the SHA-256 of
/// `<commit>;<form>;` and what follows the checksum. When both would be longer the highest ranges are left out, which
/// costs only their repetition. Forms 1 and 2 were without a checksum, and are not read any more.
std::string encode_metadata(std::int64_t commit, const FinishedAbove& finished);
/// Nothing for text that is not ours, is damaged, is another commit's, or tells of what is out of bounds.
std::optional<FinishedAbove> decode_metadata(std::int64_t commit, std::string_view text,
                                             const MetadataBounds& bounds = {});

/// Whether nothing has to be left out, whichever of `unfinished` messages end first, when all that was read lies
/// within `window` offsets above the commit.
bool metadata_fits(std::int64_t window, std::size_t unfinished);

}  // namespace productd
