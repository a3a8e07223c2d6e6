// What every command does first with its configuration.
#pragma once

#include "cli/actions.hpp"

namespace productd {

/// Loads it; prints warnings, or every error, to the console's standard error.
Result<LoadedConfig> checked_config(const ConfigSources& sources, Console& console);

/// Prints what went wrong as one line.
ExitCode report(const Error& error, Console& console);

}  // namespace productd
