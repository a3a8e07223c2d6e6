// Formats lines and hands them to spdlog's asynchronous logger. Calls spdlog and the codec.
#include "telemetry/log.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <iterator>

#include "codec/json/json_writer.hpp"
#include "codec/time_text.hpp"

namespace productd::log {

namespace {

std::atomic<Level> threshold{Level::info};
std::atomic<Format> format_now{Format::json};

void append_value(std::string& line, const Field::Value& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) return json::append_string(line, *text);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        json::append_number(line, *number);
    } else if (const auto* real = std::get_if<double>(&value)) {
        fmt::format_to(std::back_inserter(line), "{:.6g}", *real);
    } else {
        line += std::get<bool>(value) ? "true" : "false";
    }
}

Timestamp now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string json_line(Level level, std::string_view message, Fields fields) {
    std::string line;
    {
        json::ObjectWriter object(line);
        object.time("time", now());
        object.text("level", name(level));
        object.text("message", message);
        for (const auto& field : fields) append_value(object.member(field.name), field.value);
    }
    return line;
}

std::string console_line(Level level, std::string_view message, Fields fields) {
    auto line = time_text(now());
    fmt::format_to(std::back_inserter(line), " {:5} {}", name(level), message);
    for (const auto& field : fields) {
        fmt::format_to(std::back_inserter(line), "  {}=", field.name);
        append_value(line, field.value);
    }
    return line;
}

}  // namespace

void start(Format format, Level level, std::size_t lines_max) {
    format_now = format;
    threshold = level;
    spdlog::init_thread_pool(lines_max, 1, [] { pthread_setname_np(pthread_self(), "log-lines"); });
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

std::string line(Level level, std::string_view message, Fields fields) {
    const bool is_json = format_now.load(std::memory_order_relaxed) == Format::json;
    return is_json ? json_line(level, message, fields) : console_line(level, message, fields);
}

void write(Level level, std::string_view message, Fields fields) {
    if (!enabled(level)) return;
    const auto text = line(level, message, fields);
    if (auto* logger = spdlog::default_logger_raw()) {
        logger->log(spdlog::level::info, spdlog::string_view_t(text));
    }
}

}  // namespace productd::log
