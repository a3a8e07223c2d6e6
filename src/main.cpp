// argv → action → exit code.
#include <absl/synchronization/mutex.h>

#include <exception>
#include <iostream>

#include "cli/arguments.hpp"

int main(int argc, char** argv) {
    // gRPC's mutexes look for deadlocks unless told not to, which costs 2 µs a call.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    try {
        std::ios::sync_with_stdio(false);
        productd::Console console{std::cin, std::cout, std::cerr};
        const auto action = productd::parse_arguments({argv + 1, argv + argc}, productd::process_environment());
        const auto code = productd::perform(action, console);
        // A full disk or a closed pipe behind standard output is a failure too.
        if (code == productd::ExitCode::success && !std::cout.flush()) {
            std::cerr << "Standard output cannot be written.\n";
            return static_cast<int>(productd::ExitCode::failure);
        }
        return static_cast<int>(code);
    } catch (const std::exception& error) {
        std::cerr << "productd stops because of a defect: " << error.what() << '\n';
        return static_cast<int>(productd::ExitCode::failure);
    }
}
