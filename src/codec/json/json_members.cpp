// The members that need more than a getter of json::Object.
#include "codec/json/json_members.hpp"

#include <limits>

#include "codec/base64.hpp"

namespace productd::json {

std::int32_t Members::int32(std::string_view name) {
    using Limits = std::numeric_limits<std::int32_t>;
    auto value = from_.integer(name);
    if (value && (*value < Limits::min() || *value > Limits::max())) value.reset();
    return static_cast<std::int32_t>(needed(value));
}

Timestamp Members::milliseconds(std::string_view name) { return Timestamp(std::chrono::milliseconds(integer(name))); }

std::optional<std::string> Members::bytes(std::string_view name) {
    if (from_.is_null(name)) return std::nullopt;
    const auto text = from_.text(name);
    return needed(text ? from_base64(*text) : std::nullopt);
}

}  // namespace productd::json
