// How much may be fetched at a time.
#pragma once

#include <cstddef>
#include <limits>

namespace productd {

/// Nothing with 0 messages. Else one message may come however large it is, or it would never come.
struct FetchRoom {
    std::size_t messages = 0;
    std::size_t bytes = std::numeric_limits<std::size_t>::max();  ///< As wire_bytes() counts, of all of them together.
    bool operator==(const FetchRoom&) const = default;
};

/// Counts messages into a room, one behind the other.
class Fetch {
public:
    explicit Fetch(const FetchRoom& room) : room_(room) {}

    /// Whether there is room for one more message of so many bytes, which is then taken.
    bool takes(std::size_t bytes) {
        if (messages_ == room_.messages || (messages_ > 0 && bytes > room_.bytes - bytes_)) return false;
        ++messages_;
        bytes_ = bytes < room_.bytes - bytes_ ? bytes_ + bytes : room_.bytes;
        return true;
    }
    bool is_full() const { return messages_ == room_.messages || bytes_ == room_.bytes; }

private:
    FetchRoom room_;
    std::size_t messages_ = 0;
    std::size_t bytes_ = 0;  // Not beyond the room, however large the first is.
};

}  // namespace productd
