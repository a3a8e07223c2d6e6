// `productd backup`: the data of a folder as of one moment, also beside a service that runs on it.
#pragma once

#include "runtime/backup/backup_manifest.hpp"
#include "runtime/config/config.hpp"

namespace productd {

struct BackupProgress {
    std::string file;
    std::int64_t bytes = 0;
    std::int64_t bytes_total = 0;
};

struct MadeBackup {
    BackupManifest manifest;
    /// The store lacked what the log's commits rest on, and does so in the backup.
    bool products_are_missing = false;
};

/// Copies the event log and the store to `target`, which must not be there: a folder, or one file where its name ends
/// in
/// `.tar`. What was answered before it began is in it. It is read back and compared before it gets its name; what fails
/// or is killed before leaves `<target>.unfinished`, which the next one takes over. Fails with already_exists,
/// not_found where there is no data, failed_precondition where nothing is in the folder by this configuration, and
/// data_loss for data that are damaged.
Result<MadeBackup> make_backup(const Config& config, const std::filesystem::path& target,
                               const std::function<void(const BackupProgress&)>& told);

}  // namespace productd
