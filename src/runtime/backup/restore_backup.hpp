// `productd restore`: a data folder from a backup.
#pragma once

#include "runtime/backup/backup_manifest.hpp"
#include "runtime/config/config.hpp"

namespace productd {

struct RestoredBackup {
    BackupManifest manifest;
    bool was_broken_off = false;        ///< An earlier restore of it had copied all, and was finished.
    bool products_are_missing = false;  ///< The backup's store lacks what its log calls finished.
};

/// Copies a backup, folder or archive, into the data folder, which is made if need be and has no data yet. All of it is
/// compared with the manifest before anything is written, and again as it stands on the disk. Until all has its name no
/// service starts there, also after a kill; the same restore once more goes on with it. Fails with already_exists where
/// there are data, not_found without a backup, data_loss for a damaged one, and failed_precondition for one of a later
/// release, or while a service has the folder.
Result<RestoredBackup> restore_backup(const std::filesystem::path& from, const Config& config,
                                      const std::function<void(const std::string&)>& told);

}  // namespace productd
