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
    if (!error.cause.empty()) console.err << "  because: " << error.cause << '\n';
    return ExitCode::failure;
}

}  // namespace productd
