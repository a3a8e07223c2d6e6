// The protocol of Redis, RESP3: https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"

namespace productd {

/// Appends a command as the server expects it: an array of bulk strings. Arguments are any bytes.
void append_command(std::string& out, std::span<const std::string_view> arguments);

/// What the server sent: an answer to a command, or a push, which answers none.
struct RespValue {
    enum class Kind { null, text, integer, error, array, push };
    Kind kind = Kind::null;
    std::string text;              ///< Where it is text or error; fractions, booleans and the like are text too.
    std::int64_t integer = 0;      ///< Where it is an integer.
    std::vector<RespValue> items;  ///< Where it is an array or push; a map's are key, value, key, value.

    bool is_error() const { return kind == Kind::error; }
    bool operator==(const RespValue&) const = default;
};

/// Takes the stream of the server apart. Bounded: a text has at most 64 MiB, a value at most a million items and eight
/// levels.
class RespReader {
public:
    void feed(std::string_view received) { received_ += received; }
    /// The next whole value; nothing while more bytes are needed. Fails with data_loss when the peer does not speak
    /// RESP; nothing can be read from then on.
    Result<std::optional<RespValue>> next();

private:
    std::string received_;
    std::size_t read_ = 0;    ///< How much of `received_` was given out.
    std::size_t needed_ = 0;  ///< Bytes behind `read_` below which a further look is in vain.
};

}  // namespace productd
