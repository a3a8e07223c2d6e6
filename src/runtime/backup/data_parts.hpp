// The files that a data folder's data are, as a backup sees them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "outbound/sqlite/sqlite_snapshot.hpp"
#include "runtime/backup/backup_manifest.hpp"
#include "runtime/config/config.hpp"

namespace productd {

struct DataPart {
    std::string name;  ///< As in the data folder.
    SqliteFile file;
};

/// Those that this configuration keeps in its data folder, the log first. Fails with failed_precondition where it has
/// none there.
Result<std::vector<DataPart>> data_parts(const Config& config);
/// The part of this name, at `path`; nothing for a name that is none.
std::optional<DataPart> data_part(const std::string& name, const std::filesystem::path& path);

/// What is in it. `number` answers a statement, as SqliteDatabase::number.
Result<NamedCounts> counts_of(const DataPart& part,
                              const std::function<Result<std::int64_t>(std::string_view)>& number);

/// Fails with data_loss unless the part, which nobody has open, is sound and has what `wanted` says.
Result<> check_part(const DataPart& part, const BackupFile& wanted);

}  // namespace productd
