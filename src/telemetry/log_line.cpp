// The two formats, and the clock's text, which is made once a second. Calls the codec for times and numbers.
#include "telemetry/log_line.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>

#include "codec/json/json_text.hpp"
#include "codec/time_text.hpp"
#include "telemetry/log_text.hpp"

namespace productd::log {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// RFC 3339 in UTC with milliseconds: only they are new within a second.
void append_now(std::string& out) {
    thread_local Timestamp second;
    thread_local std::string text;
    const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    if (const auto current = std::chrono::floor<seconds>(now); text.empty() || current != second) {
        second = current;
        text = time_text(second);
    }
    const auto part = static_cast<unsigned>((now - second).count());
    constexpr std::size_t from_end = sizeof("123Z") - 1;
    const auto digits = out.size() + text.size() - from_end;
    out += text;
    out[digits] = static_cast<char>('0' + part / 100);
    out[digits + 1] = static_cast<char>('0' + part / 10 % 10);
    out[digits + 2] = static_cast<char>('0' + part % 10);
}

void append_real(std::string& out, double number) {
    if (!std::isfinite(number)) return void(out += "null");  // JSON cannot say it.
    std::array<char, 32> digits{};
    out.append(digits.data(), fmt::format_to(digits.data(), "{:.6g}", number));
}

void append_value(std::string& out, const Field::Value& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        out += '"';
        append_text(out, *text, Within::json);
        out += '"';
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
        json::append_number(out, *number);
    } else if (const auto* real = std::get_if<double>(&value)) {
        append_real(out, *real);
    } else {
        out += std::get<bool>(value) ? "true" : "false";
    }
}

void append_json(std::string& out, Level level, std::string_view message, Fields fields) {
    out += R"({"time":")";
    append_now(out);
    out += R"(","level":")";
    out += name(level);
    out += R"(","message":")";
    append_text(out, message, Within::json);
    out += '"';
    for (const auto& field : fields) {
        if (!field.has_value()) continue;
        out += ",\"";
        out += field.name;
        out += "\":";
        append_value(out, field.value);
    }
    out += "}\n";
}

void append_console(std::string& out, Level level, std::string_view message, Fields fields) {
    append_now(out);
    out += ' ';
    out += name(level);
    out.append(name(level).size() < 5 ? 2 : 1, ' ');
    append_text(out, message, Within::console);
    for (const auto& field : fields) {
        if (!field.has_value()) continue;
        out += "  ";
        out += field.name;
        out += '=';
        append_value(out, field.value);
    }
    out += '\n';
}

}  // namespace

void append_line(std::string& out, Format format, Level level, std::string_view message, Fields fields) {
    format == Format::json ? append_json(out, level, message, fields) : append_console(out, level, message, fields);
}

}  // namespace productd::log
