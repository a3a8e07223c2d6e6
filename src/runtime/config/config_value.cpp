// Reads and writes durations, sizes, numbers, choices and lists as the configuration has them. Calls nothing.
#include "runtime/config/config_value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>

#include "runtime/config/masked_uri.hpp"

namespace productd {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

// From large to small, so that a value is written with the largest unit that divides it.
constexpr std::array duration_units{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1'000},
                                    Unit{"ms", 1}};
constexpr std::array size_units{Unit{"gib", 1 << 30}, Unit{"mib", 1 << 20}, Unit{"kib", 1 << 10}, Unit{"b", 1}};
constexpr std::array size_names{"GiB", "MiB", "KiB", ""};

std::optional<std::int64_t> factor_of(std::string_view unit, std::span<const Unit> units) {
    for (const auto& known : units) {
        if (folded_name(unit) == known.name) return known.factor;
    }
    return std::nullopt;
}

/// An integer and a unit behind it (`bare_factor` without one); nothing if it is not that or does not fit.
std::optional<std::int64_t> scaled(std::string_view text, std::span<const Unit> units, std::int64_t bare_factor) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
    if (unit.starts_with(' ')) unit.remove_prefix(1);
    const auto factor = unit.empty() ? std::optional(bare_factor) : factor_of(unit, units);
    std::int64_t product = 0;
    if (!factor || __builtin_mul_overflow(number, *factor, &product)) return std::nullopt;
    return product;
}

std::optional<std::int64_t> number_of(const ConfigKey& key, std::string_view text) {
    switch (key.type) {
        case ConfigType::duration: return scaled(text, duration_units, key.bare_unit.count());
        case ConfigType::bytes: return scaled(text, size_units, 1);
        case ConfigType::port:
            if (text.starts_with(':')) text.remove_prefix(1);  // The older service wrote `:5007`.
            return scaled(text, {}, 1);
        case ConfigType::count: return scaled(text, {}, 1);
        case ConfigType::text:
        case ConfigType::choice:
        case ConfigType::ratio:
        case ConfigType::list: return std::nullopt;
    }
    std::unreachable();
}

std::string duration_text(std::int64_t milliseconds) {
    if (milliseconds == 0) return "0s";
    for (const auto& unit : duration_units) {
        if (milliseconds % unit.factor == 0) return fmt::format("{}{}", milliseconds / unit.factor, unit.name);
    }
    return {};
}

std::string size_text(std::int64_t bytes) {
    for (std::size_t i = 0; i < size_units.size(); ++i) {
        if (bytes % size_units[i].factor == 0 && bytes != 0) {
            return fmt::format("{}{}", bytes / size_units[i].factor, size_names[i]);
        }
    }
    return "0";
}

std::string number_text(const ConfigKey& key, std::int64_t number) {
    if (key.type == ConfigType::duration) return duration_text(number);
    if (key.type == ConfigType::bytes) return size_text(number);
    return std::to_string(number);
}

/// The place among the choices of the one that `text` is.
std::optional<std::size_t> choice_of(const ConfigKey& key, std::string_view text) {
    for (std::size_t i = 0; i < key.choices.size(); ++i) {
        if (folded_name(key.choices[i]) == folded_name(text)) return i;
    }
    return std::nullopt;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto comma = text.find(',');
        auto item = text.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        if (!item.empty()) items.emplace_back(item);
        text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
    }
    return items;
}

bool has_control_characters(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
    }
    return false;
}

Result<> not_allowed(const ConfigKey& key, std::string_view given) {
    const auto like = key.type == ConfigType::duration ? ", like 15s or 250ms"
                      : key.type == ConfigType::bytes  ? ", like 256KiB or 2MiB"
                      : key.type == ConfigType::list   ? ", like [a, b]"
                                                       : "";
    const auto shown = key.secret == Secret::no ? fmt::format("\"{}\"", given.substr(0, 100)) : std::string("****");
    return fail(Errc::invalid_argument, fmt::format("is {}; it must be {}{}", shown, allowed(key), like));
}

/// Writes a number that is in the key's range, so it fits the slot.
struct NumberSlot {
    std::int64_t number;
    void operator()(const auto&) const {}
    void operator()(std::chrono::milliseconds* slot) const { *slot = std::chrono::milliseconds(number); }
    template <std::integral T>
    void operator()(T* slot) const {
        *slot = static_cast<T>(number);
    }
};

struct SlotNumber {
    std::int64_t operator()(const auto&) const { return 0; }
    std::int64_t operator()(std::chrono::milliseconds* slot) const { return slot->count(); }
    template <std::integral T>
    std::int64_t operator()(T* slot) const {
        return static_cast<std::int64_t>(*slot);
    }
};

Result<> assign_list(Config& config, const ConfigKey& key, const GivenValue& value) {
    auto items = value.is_list ? value.items : split(value.items.front());
    if (static_cast<std::int64_t>(items.size()) > key.max) return not_allowed(key, "longer");
    for (const auto& item : items) {
        if (item.empty() || has_control_characters(item)) return not_allowed(key, item);
    }
    *std::get<std::vector<std::string>*>(key.slot(config)) = std::move(items);
    return {};
}

Result<> assign_text(Config& config, const ConfigKey& key, const std::string& text) {
    const auto length = static_cast<std::int64_t>(text.size());
    if (length < key.min || length > key.max || has_control_characters(text)) return not_allowed(key, text);
    *std::get<std::string*>(key.slot(config)) = text;
    return {};
}

Result<> assign_ratio(Config& config, const ConfigKey& key, const std::string& text) {
    double ratio = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ratio);
    // Not a number is in no range either.
    const bool fits = ratio >= static_cast<double>(key.min) && ratio <= static_cast<double>(key.max);
    if (error != std::errc{} || end != text.data() + text.size() || !fits) return not_allowed(key, text);
    *std::get<double*>(key.slot(config)) = ratio;
    return {};
}

std::string yaml_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string shown_text(const std::string& text, const ConfigKey& key, Show show) {
    if (show == Show::masked && key.secret == Secret::yes) return text.empty() ? "\"\"" : "\"****\"";
    if (show == Show::masked && key.secret == Secret::in_uri) return yaml_text(masked_uri(text));
    return yaml_text(text);
}

}  // namespace

std::string allowed(const ConfigKey& key) {
    const auto range = [&] { return fmt::format("{} to {}", number_text(key, key.min), number_text(key, key.max)); };
    switch (key.type) {
        case ConfigType::text: return key.min == 0 ? "one line of text" : "one line of text, not empty";
        case ConfigType::choice: return fmt::format("one of {}", fmt::join(key.choices, ", "));
        case ConfigType::port: return fmt::format("a port from {}", range());
        case ConfigType::count:
        case ConfigType::ratio: return fmt::format("a number from {}", range());
        case ConfigType::bytes: return fmt::format("a size from {}", range());
        case ConfigType::duration: return fmt::format("a duration from {}", range());
        case ConfigType::list: return fmt::format("a list of at most {} texts", key.max);
    }
    std::unreachable();
}

std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
    const auto count = scaled(text, duration_units, 1'000);
    return count ? std::optional(std::chrono::milliseconds(*count)) : std::nullopt;
}

Result<> assign(Config& config, const ConfigKey& key, const GivenValue& value) {
    if (value.is_map) return not_allowed(key, "a map");
    if (key.type == ConfigType::list) return assign_list(config, key, value);
    if (value.is_list) return not_allowed(key, "a list");
    const auto& text = value.items.front();
    if (key.type == ConfigType::text) return assign_text(config, key, text);
    if (key.type == ConfigType::choice) {
        const auto chosen = choice_of(key, text);
        if (!chosen) return not_allowed(key, text);
        std::get<ChoiceSlot>(key.slot(config)).choose(*chosen);
        return {};
    }
    if (key.type == ConfigType::ratio) return assign_ratio(config, key, text);
    const auto number = number_of(key, text);
    if (!number || *number < key.min || *number > key.max) return not_allowed(key, text);
    std::visit(NumberSlot{*number}, key.slot(config));
    return {};
}

std::string yaml_value(const Config& config, const ConfigKey& key, Show show) {
    auto copy = config;
    const auto slot = key.slot(copy);
    if (key.type == ConfigType::text) return shown_text(*std::get<std::string*>(slot), key, show);
    if (key.type == ConfigType::choice) return std::string(key.choices[std::get<ChoiceSlot>(slot).index()]);
    if (key.type == ConfigType::ratio) return fmt::format("{}", *std::get<double*>(slot));
    if (key.type == ConfigType::list) {
        std::string items;
        for (const auto& item : *std::get<std::vector<std::string>*>(slot)) {
            items += (items.empty() ? "" : ", ") + yaml_text(item);
        }
        return "[" + items + "]";
    }
    return number_text(key, std::visit(SlotNumber{}, slot));
}

}  // namespace productd
