// Structured logs: one JSON object a line, or text for a console. Never payloads, never credentials. docs/logs.md lists
// what the lines have.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace productd::log {

enum class Level { debug, info, warn, error };

constexpr std::string_view name(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warn: return "warn";
        case Level::error: return "error";
    }
    std::unreachable();
}

enum class Format { json, console };

/// A named value beside the message: `{"offset", 42}`. One with an empty text, or none, is left out of the line.
struct Field {
    using Value = std::variant<std::string_view, std::int64_t, double, bool>;

    Field(std::string_view field, std::string_view text) : name(field), value(text) {}
    Field(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
    Field(std::string_view field, const std::string& text) : name(field), value(std::string_view(text)) {}
    Field(std::string_view field, bool flag) : name(field), value(flag) {}
    Field(std::string_view field, std::floating_point auto number) : name(field), value(static_cast<double>(number)) {}
    template <std::integral T>
        requires(!std::is_same_v<T, bool>)
    Field(std::string_view field, T number) : name(field), value(static_cast<std::int64_t>(number)) {}
    Field(std::string_view field, std::optional<double> number) : name(field) {
        if (number) value = *number;
    }

    bool has_value() const {
        const auto* text = std::get_if<std::string_view>(&value);
        return text == nullptr || !text->empty();
    }

    std::string_view name;
    Value value;
};

using Fields = std::initializer_list<Field>;

inline constexpr std::size_t queue_lines_max = 8'192;

/// Lines go to standard error through a queue of so many, within 50 ms, warnings and errors at once; when it is full
/// the oldest are dropped and counted, so that logging never holds up a request. Before this nothing is written: a
/// command says itself what failed.
void start(Format format, Level level, std::size_t lines_max = queue_lines_max);
/// Writes out what is queued. Call before the process ends.
void stop();
bool enabled(Level level);
/// Lines dropped because the queue was full or could not be written, since the start.
std::uint64_t dropped();

/// Which lines are written; where it is for a time, for how long, and what comes after.
struct LevelNow {
    Level level = Level::info;
    std::optional<std::chrono::milliseconds> left;
    Level then = Level::info;
};
/// Takes effect at once, from any thread, and ends one that was set for a time. `who` changed it, for a line that says
/// so.
void set_level(Level level, std::string_view who);
/// For how long one may be set.
inline constexpr std::chrono::milliseconds level_time_min = std::chrono::seconds(1);
inline constexpr std::chrono::milliseconds level_time_max = std::chrono::hours(24);
/// The same for a time, after which the level is what it was.
void set_level_for(Level level, std::chrono::milliseconds time, std::string_view who);
LevelNow level_now();

/// What write() queues, for a caller that must not depend on the queue.
std::string line(Level level, std::string_view message, Fields fields = {});
/// From the level info on, lines that say the same beyond ten in ten seconds are counted, and told with `repeated`: the
/// same are those with one message, whose fields `error`, `cause`, `code`, `said`, `operation` and `check` differ in
/// numbers and ids alone. Other fields are not compared.
void write(Level level, std::string_view message, Fields fields);
/// The line of a request that has ended: it is none of those that repeat.
void access(Level level, std::string_view message, Fields fields);
/// What a library says by itself, less the secrets that hide() was told of and the passwords of URIs. `origin` is a
/// part of the library.
void driver(Level level, std::string_view library, std::string_view said, std::string_view origin = {});
/// These are in no line of a driver from now on.
void hide(std::vector<std::string> secrets);

inline void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
inline void warn(std::string_view message, Fields fields = {}) { write(Level::warn, message, fields); }
inline void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

}  // namespace productd::log
