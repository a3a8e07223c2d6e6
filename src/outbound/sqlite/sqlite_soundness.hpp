// Whether a file that nobody has open can be read from one end to the other.
#pragma once

#include <optional>
#include <string>

#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// The first thing that SQLite finds damaged in a file of ours; nothing where it finds none, and where the WAL of a
/// killed process still has to be taken up. Reads all of it, and makes and changes nothing.
std::optional<std::string> damage_in(const SqliteFile& file);

/// What SQLite is to open so that it takes no lock, and neither looks for a WAL nor makes one.
std::string immutable_uri(const std::filesystem::path& path);

}  // namespace productd
