// One line as text. Calls log_text.
#pragma once

#include <string>
#include <string_view>

#include "telemetry/log.hpp"

namespace productd::log {

/// Appends the line with its time, which is now, and its end. Fields without a value are left out.
void append_line(std::string& out, Format format, Level level, std::string_view message, Fields fields);

}  // namespace productd::log
