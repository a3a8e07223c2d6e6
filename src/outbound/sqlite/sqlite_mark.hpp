// A look at one row of a file that may be another process's.
#pragma once

#include <optional>

#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// Two numbers of one row, from a file of ours as it stands; nothing where there is no file, no such row, or no way to
/// read it. Changes nothing that was there.
std::optional<std::pair<std::int64_t, std::int64_t>> two_numbers(const SqliteFile& file, std::string_view sql);

}  // namespace productd
