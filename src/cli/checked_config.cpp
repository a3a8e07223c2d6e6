// Loads the configuration for a command and says what is wrong with it. Calls runtime/config/config.
#include "cli/checked_config.hpp"

#include <ostream>

namespace productd {

Result<LoadedConfig> checked_config(const ConfigSources& sources, Console& console) {
    auto loaded = load_config(sources);
    if (!loaded) return loaded;
    for (const auto& warning : loaded->warnings) console.err << "warning: " << warning << '\n';
    return loaded;
}

ExitCode report(const Error& error, Console& console) {
    console.err << error.detail << '\n';
    // What the sentence does not say already.
    const bool explained = error.code == Errc::failed_precondition || error.code == Errc::invalid_argument;
    if (!error.cause.empty() && !explained) console.err << "  because: " << error.cause << '\n';
    return ExitCode::failure;
}

}  // namespace productd
