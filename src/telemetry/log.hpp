// Structured logs: one JSON object a line, or text for a console. Never payloads, never credentials.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

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

/// A named value beside the message: `{"offset", 42}`.
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

    std::string_view name;
    Value value;
};

using Fields = std::initializer_list<Field>;

inline constexpr std::size_t queue_lines_max = 8'192;

/// Lines go to standard error through a queue of so many; when it is full the oldest line is dropped and counted, so
/// that logging never holds up a request.
void start(Format format, Level level, std::size_t lines_max = queue_lines_max);
/// Writes out what is queued. Call before the process ends.
void stop();
/// Takes effect at once, from any thread.
void set_level(Level level);
bool enabled(Level level);
/// Lines dropped because the queue was full, since the start.
std::uint64_t dropped();

/// What write() queues, for a caller that must not depend on the queue.
std::string line(Level level, std::string_view message, Fields fields = {});
void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
inline void warn(std::string_view message, Fields fields = {}) { write(Level::warn, message, fields); }
inline void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

}  // namespace productd::log
