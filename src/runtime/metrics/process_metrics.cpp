// Reads /proc/self.
#include "runtime/metrics/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "runtime/version.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

namespace {

using prometheus::MetricFamily;

/// The fields of /proc/self/stat behind the command name (proc(5)): index 0 is the state, field 3.
std::vector<std::string> stat_fields() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    const auto paren = line.rfind(')');
    std::istringstream rest(paren == std::string::npos ? std::string() : line.substr(paren + 1));
    return {std::istream_iterator<std::string>(rest), {}};
}

double boot_time() {
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("btime ")) return std::stod(line.substr(6));
    }
    return 0;
}

double open_files() {
    std::error_code error;
    const std::filesystem::directory_iterator files("/proc/self/fd", error);
    return error ? 0 : static_cast<double>(std::distance(files, {}));
}

double open_files_max() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<double>(limit.rlim_cur);
}

MetricFamily build_info() {
    prometheus::ClientMetric metric;
    metric.label = {{"version", std::string(version_text())}};
    metric.gauge.value = 1;
    return {"productd_build_info", "The version that runs", prometheus::MetricType::Gauge, {std::move(metric)}};
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics::Collect() const {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    const auto fields = stat_fields();
    const auto number = [&](std::size_t index) { return index < fields.size() ? std::stod(fields[index]) : 0.0; };
    Scrape scrape;
    scrape.counter("process_cpu_seconds_total", "User and system CPU time", (number(11) + number(12)) / ticks);
    scrape.gauge("process_resident_memory_bytes", "Resident memory", number(21) * page);
    scrape.gauge("process_virtual_memory_bytes", "Virtual memory", number(20));
    scrape.gauge("process_threads", "Threads", number(17));
    scrape.gauge("process_start_time_seconds", "Start, in seconds since the epoch", boot_time() + number(19) / ticks);
    scrape.gauge("process_open_fds", "Open file descriptors", open_files());
    scrape.gauge("process_max_fds", "File descriptors allowed", open_files_max());
    scrape.counter("productd_log_lines_dropped_total", "Log lines dropped because their queue was full",
                   log::dropped());
    scrape.families.push_back(build_info());
    return std::move(scrape.families);
}

}  // namespace productd
