// Formats lines and hands them to spdlog's asynchronous logger. Calls spdlog.
#include "telemetry/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <iterator>

namespace productd::log {

namespace {

constexpr std::size_t queue_lines_max = 8'192;

std::atomic<Level> threshold{Level::info};
std::atomic<Format> format_now{Format::json};

const char* name(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warn: return "warn";
        case Level::error: return "error";
    }
    return "info";
}

void append_json_text(fmt::memory_buffer& line, std::string_view text) {
    line.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            line.push_back('\\');
            line.push_back(c);
        } else if (byte < 0x20) {
            fmt::format_to(std::back_inserter(line), "\\u{:04x}", byte);
        } else {
            line.push_back(c);
        }
    }
    line.push_back('"');
}

void append_value(fmt::memory_buffer& line, const Field::Value& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) return append_json_text(line, *text);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        fmt::format_to(std::back_inserter(line), "{}", *number);
    } else if (const auto* real = std::get_if<double>(&value)) {
        fmt::format_to(std::back_inserter(line), "{:.6g}", *real);
    } else {
        fmt::format_to(std::back_inserter(line), "{}", std::get<bool>(value));
    }
}

void append_time(fmt::memory_buffer& line) {
    const auto now = std::chrono::system_clock::now();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1'000;
    fmt::format_to(std::back_inserter(line), "{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                   fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ms);
}

void append_json(fmt::memory_buffer& line, Level level, std::string_view message, Fields fields) {
    line.append(std::string_view(R"({"time":")"));
    append_time(line);
    fmt::format_to(std::back_inserter(line), R"(","level":"{}","message":)", name(level));
    append_json_text(line, message);
    for (const auto& field : fields) {
        line.push_back(',');
        append_json_text(line, field.name);
        line.push_back(':');
        append_value(line, field.value);
    }
    line.push_back('}');
}

void append_console(fmt::memory_buffer& line, Level level, std::string_view message, Fields fields) {
    append_time(line);
    fmt::format_to(std::back_inserter(line), " {:5} {}", name(level), message);
    for (const auto& field : fields) {
        fmt::format_to(std::back_inserter(line), "  {}=", field.name);
        append_value(line, field.value);
    }
}

}  // namespace

void start(Format format, Level level) {
    format_now = format;
    threshold = level;
    spdlog::init_thread_pool(queue_lines_max, 1, [] { pthread_setname_np(pthread_self(), "log-lines"); });
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto logger = std::make_shared<spdlog::async_logger>("productd", sink, spdlog::thread_pool(),
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);  // The threshold above decides before a line is formatted.
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
}

void stop() { spdlog::shutdown(); }

void set_level(Level level) { threshold.store(level, std::memory_order_relaxed); }

bool enabled(Level level) { return level >= threshold.load(std::memory_order_relaxed); }

std::uint64_t dropped() {
    auto pool = spdlog::thread_pool();
    return pool ? pool->overrun_counter() : 0;
}

void write(Level level, std::string_view message, Fields fields) {
    if (!enabled(level)) return;
    fmt::memory_buffer line;
    if (format_now.load(std::memory_order_relaxed) == Format::json) {
        append_json(line, level, message, fields);
    } else {
        append_console(line, level, message, fields);
    }
    if (auto* logger = spdlog::default_logger_raw()) {
        logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    }
}

}  // namespace productd::log
