// Reads objects whose members must be there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json/json_object.hpp"
#include "domain/product.hpp"

namespace productd::json {

/// Remembers whether every member asked for was there and of its type, so that the reader asks once, at the end. What
/// is missing reads as T{}. The object must outlive it.
class Members {
public:
    explicit Members(const Object& from) : from_(from) {}

    bool complete() const { return complete_; }
    bool has(std::string_view name) const { return from_.has(name); }
    bool is_null(std::string_view name) const { return from_.is_null(name); }

    template <class T>
    T needed(std::optional<T> value) {
        complete_ = complete_ && value.has_value();
        return std::move(value).value_or(T{});
    }
    /// `value`, the member of this name, which may also be absent or null: T{} then.
    template <class T>
    T optional(std::string_view name, std::optional<T> value) {
        if (!from_.has(name) || from_.is_null(name)) return T{};
        return needed(std::move(value));
    }
    std::string text(std::string_view name) { return needed(from_.text(name)); }
    std::int64_t integer(std::string_view name) { return needed(from_.integer(name)); }
    std::int32_t int32(std::string_view name);
    /// Milliseconds since the epoch.
    Timestamp milliseconds(std::string_view name);
    /// Base64, or null for nothing.
    std::optional<std::string> bytes(std::string_view name);

    /// The object of this name as `read(Members&)` makes it.
    template <class Read>
    auto object(std::string_view name, Read read) {
        const auto found = from_.object(name);
        complete_ = complete_ && found.has_value();
        return found ? inside(*found, read) : std::invoke_result_t<Read, Members&>{};
    }
    /// The objects of an array, each as `read(Members&)` makes it.
    template <class Read>
    auto objects(std::string_view name, Read read) {
        std::vector<std::invoke_result_t<Read, Members&>> all;
        for (const auto& object : needed(from_.objects(name))) all.push_back(inside(object, read));
        return all;
    }
    /// Calls `add(name, value)` for each {name, value} of an array, both as bytes() and needed.
    template <class Add>
    void named_bytes(std::string_view name, Add add) {
        objects(name, [&](Members& pair) {
            add(pair.needed(pair.bytes("name")), pair.needed(pair.bytes("value")));
            return true;
        });
    }

private:
    template <class Read>
    auto inside(const Object& object, Read read) {
        Members members(object);
        auto made = read(members);
        complete_ = complete_ && members.complete();
        return made;
    }

    const Object& from_;
    bool complete_ = true;
};

/// `text` as `read(Members&)` makes it; nothing unless it is one object with every member asked for.
template <class Read>
auto read_object(std::string_view text, Read read) -> std::optional<std::invoke_result_t<Read, Members&>> {
    const auto object = Object::parse(text);
    if (!object) return std::nullopt;
    Members members(*object);
    auto made = read(members);
    if (!members.complete()) return std::nullopt;
    return made;
}

/// The same for an array of such objects.
template <class Read>
auto read_objects(std::string_view text, Read read)
    -> std::optional<std::vector<std::invoke_result_t<Read, Members&>>> {
    const auto objects = Object::parse_all(text);
    if (!objects) return std::nullopt;
    std::vector<std::invoke_result_t<Read, Members&>> all;
    all.reserve(objects->size());
    for (const auto& object : *objects) {
        Members members(object);
        all.push_back(read(members));
        if (!members.complete()) return std::nullopt;
    }
    return all;
}

}  // namespace productd::json
