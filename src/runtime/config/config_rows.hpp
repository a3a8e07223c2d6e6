// What the rows of the table of configuration keys are written with: a maker a type, and what may be added to a row.
#pragma once

#include <type_traits>

#include "runtime/config/config_table.hpp"

namespace productd::config_rows {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::int64_t kib = 1 << 10;
constexpr std::int64_t mib = 1 << 20;
constexpr std::int64_t gib = 1 << 30;
constexpr std::int64_t text_bytes_max = 4'096;

using SlotOf = ConfigSlot (*)(Config&);
using Name = std::string_view;

/// A number, a text or a list where it stands; what is one of few as a choice.
template <class T>
ConfigSlot slot_of(T& member) {
    if constexpr (std::is_enum_v<T> || std::is_same_v<T, bool>) {
        return ChoiceSlot(member);
    } else {
        return &member;
    }
}

constexpr ConfigKey text(Name section, Name name, SlotOf slot, Name about, std::int64_t bytes_min = 1) {
    return {section, name, ConfigType::text, slot, bytes_min, text_bytes_max, {}, about};
}
constexpr ConfigKey choice(Name section, Name name, SlotOf slot, std::span<const Name> choices, Name about) {
    return {section, name, ConfigType::choice, slot, 0, 0, choices, about};
}
constexpr ConfigKey port(Name section, SlotOf slot, Name about) {
    return {section, "Port", ConfigType::port, slot, 0, 65'535, {}, about};
}
constexpr ConfigKey count(Name section, Name name, SlotOf slot, std::int64_t min, std::int64_t max, Name about) {
    return {section, name, ConfigType::count, slot, min, max, {}, about};
}
constexpr ConfigKey ratio(Name section, Name name, SlotOf slot, Name about) {
    return {section, name, ConfigType::ratio, slot, 0, 1, {}, about};
}
constexpr ConfigKey bytes(Name section, Name name, SlotOf slot, std::int64_t min, std::int64_t max, Name about) {
    return {section, name, ConfigType::bytes, slot, min, max, {}, about};
}
constexpr ConfigKey time(Name section, Name name, SlotOf slot, milliseconds min, milliseconds max, Name about) {
    return {section, name, ConfigType::duration, slot, min.count(), max.count(), {}, about};
}
constexpr ConfigKey list(Name section, Name name, SlotOf slot, Name about) {
    return {section, name, ConfigType::list, slot, 0, 64, {}, about};
}

constexpr ConfigKey in_minutes(ConfigKey key) {
    key.bare_unit = 1min;
    return key;
}
constexpr ConfigKey once_named(ConfigKey key, Name older_name) {
    key.older_name = older_name;
    return key;
}
constexpr ConfigKey secret(ConfigKey key, Secret secret = Secret::yes) {
    key.secret = secret;
    return key;
}

}  // namespace productd::config_rows
