// What is written to the log while a test works.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "telemetry/log.hpp"

namespace productd::test {

/// The lines of standard error while `work` runs and the log is on.
template <class Work>
std::vector<std::string> log_lines(Work work, log::Level level = log::Level::info,
                                   log::Format format = log::Format::json,
                                   std::size_t lines_max = log::queue_lines_max) {
    testing::internal::CaptureStderr();
    log::start(format, level, lines_max);
    work();
    log::stop();
    std::istringstream text(testing::internal::GetCapturedStderr());
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

}  // namespace productd::test
