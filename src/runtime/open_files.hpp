// How many files and connections the process may have open.
#pragma once

#include <string>
#include <vector>

#include "runtime/config/config.hpp"

namespace productd {

/// Raises the limit of open files to the highest this user may have, and returns it.
std::size_t raise_open_files();

/// Lowers Http.ConnectionsMax and Server.ConnectionsMax, each by as much of its share, until both together leave enough
/// of `open_files_max` for data files, dependencies and the other listeners. Returns a sentence about what was lowered;
/// empty when all fits.
std::string fit_connections(Config& config, std::size_t open_files_max);

}  // namespace productd
