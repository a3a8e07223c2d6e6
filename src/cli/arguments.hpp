// The command line as an action.
#pragma once

#include <string>
#include <vector>

#include "cli/actions.hpp"

namespace productd {

/// What `arguments` (without the program's name) ask for; `environment` goes into the action's ConfigSources. Never
/// fails: what is not understood is a UsageError.
Action parse_arguments(std::vector<std::string> arguments,
                       std::vector<std::pair<std::string, std::string>> environment);

/// Performs it and says how it ended.
ExitCode perform(const Action& action, Console& console);

}  // namespace productd
