// What a line of the log costs whoever writes it, and the thread that writes them out: bench_log_lines [rounds].
// Standard error goes to a file that is thrown away, figures to standard output.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "telemetry/log.hpp"

namespace {

using namespace productd;

constexpr int lines_a_round = 20'000;  // Far from the end of the queue, which takes 16 MiB.

double cpu_nanoseconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// The medians over the rounds, of this thread, and of all with what is left to write.
template <class Work>
void measure(const char* what, int rounds, log::Level level, Work work) {
    std::vector<double> own, all;
    for (int round = 0; round < rounds; ++round) {
        log::start(log::Format::json, level, 10 * lines_a_round);
        const auto own_began = cpu_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
        const auto all_began = cpu_nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
        for (int i = 0; i < lines_a_round; ++i) work();
        own.push_back((cpu_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - own_began) / lines_a_round);
        log::stop();
        all.push_back((cpu_nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - all_began) / lines_a_round);
    }
    std::ranges::sort(own);
    std::ranges::sort(all);
    fmt::print("{:<36} {:>8.1f} ns, with the writing thread {:>8.1f} ns\n", what, own[own.size() / 2],
               all[all.size() / 2]);
}

const std::string path = "/api/v1/products/65a1b2c3d4e5f60718293a4b";
const std::string request_id = "0af7651916cd43dd8448eb211c80319c";
const std::string remote = "127.0.0.1:50312";

void write_line() {
    log::access(log::Level::info, "request",
                {{"listener", "api"},
                 {"method", "GET"},
                 {"path", path},
                 {"status", 200},
                 {"bytes", 225},
                 {"duration_ms", 0.0421},
                 {"request_id", request_id},
                 {"trace_id", request_id},
                 {"remote", remote},
                 {"cause", ""},
                 {"sample", std::optional<double>{}}});
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 51;
    std::FILE* file = std::tmpfile();
    ::dup2(::fileno(file), STDERR_FILENO);
    measure("access line below the level", rounds, log::Level::warn, write_line);
    measure("access line", rounds, log::Level::info, write_line);
    fmt::print("{} lines were dropped\n", log::dropped());
    return 0;
}
