// Reads a JSON text in one pass, as what stands in it and not as what would fit: numbers stay text until a reader asks.
#pragma once

#include <simdjson.h>

#include <memory>
#include <string_view>

#include "domain/result.hpp"

namespace productd::json {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

/// A scalar as it stands in the text. For a string its quotes and escapes are still there.
std::string_view token(ondemand::value& value);

/// Reads `value` to its end and keeps nothing of it. Fails where it is not well-formed; numbers may have any size.
/// `depth`: containers it is inside of.
error_code pass_over(ondemand::value value, std::size_t depth);

/// Calls `member(name, value)`, which reads the value to its end or passes over it, for each member of an object.
/// The object must be read to its end or the walk given up.
template <class Member>
error_code each_member(ondemand::object object, Member member) {
    for (auto found : object) {
        ondemand::field field;
        std::string_view name;
        if (const auto error = std::move(found).get(field)) return error;
        if (const auto error = field.unescaped_key().get(name)) return error;
        if (const auto error = member(name, field.value())) return error;
    }
    return simdjson::SUCCESS;
}

/// Calls `element(value)` likewise for each element of an array.
template <class Element>
error_code each_element(ondemand::array& array, Element element) {
    for (auto found : array) {
        ondemand::value value;
        if (const auto error = found.get(value)) return error;
        if (const auto error = element(value)) return error;
    }
    return simdjson::SUCCESS;
}

/// The text, ready to be read as one object. What is read from it lives as long as this, and no longer than one call of
/// a function: while it lives it takes up to seven times the text.
class Walk {
public:
    explicit Walk(std::string_view text);
    ~Walk();
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;

    /// each_member() of the one object that the text is. invalid_argument when it is not: the sentence says why.
    template <class Member>
    Result<> members(Member member) {
        ondemand::object object;
        if (auto opened = open(object); !opened) return opened;
        if (const auto error = each_member(object, member)) return fail(malformed(error));
        return ended();
    }

private:
    struct Room;
    static std::unique_ptr<Room>& kept();
    static Error malformed(error_code error);

    Result<> open(ondemand::object& object);
    Result<> ended();

    std::unique_ptr<Room> room_;
    ondemand::document document_;
    error_code error_;
};

}  // namespace productd::json
