// The enumerators of an enumeration, by its name(): a switch that the compiler does not let lack one.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace productd {

namespace detail {

/// Behind the last enumerator name() runs out of its switch, which is no constant.
template <auto Enumerator>
concept HasName = requires { typename std::bool_constant<!std::string_view(name(Enumerator)).empty()>; };

template <class Enum, std::size_t Count = 0>
consteval std::size_t named_count() {
    if constexpr (HasName<static_cast<Enum>(Count)>) {
        return named_count<Enum, Count + 1>();
    } else {
        return Count;
    }
}

}  // namespace detail

/// All of them, in their order; they are numbered from 0 without gaps.
template <class Enum>
inline constexpr auto enumerators = [] {
    std::array<Enum, detail::named_count<Enum>()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Enum>(i);
    return all;
}();

/// Their names, in the same order.
template <class Enum>
inline constexpr auto names_of = [] {
    std::array<std::string_view, enumerators<Enum>.size()> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = name(enumerators<Enum>[i]);
    return names;
}();

/// The one whose name() is `text`, letter by letter.
template <class Enum>
constexpr std::optional<Enum> enumerator_named(std::string_view text) {
    for (const auto enumerator : enumerators<Enum>) {
        if (name(enumerator) == text) return enumerator;
    }
    return std::nullopt;
}

}  // namespace productd
