// What stands where in the data folder: the same for the service and the commands.
#pragma once

#include <filesystem>

#include "domain/result.hpp"
#include "runtime/config/config.hpp"

namespace productd {

struct DataFiles {
    std::filesystem::path folder;
    std::filesystem::path log;           ///< `log.db`
    std::filesystem::path store;         ///< `store.db`
    std::filesystem::path admin_socket;  ///< `admin.sock`
    std::filesystem::path tls;           ///< `tls`, the folder of the certificate made here.
};

DataFiles data_files(const Config& config);

/// Whether a file of the data folder is there. Fails with failed_precondition where that cannot be seen.
Result<bool> is_data_there(const std::filesystem::path& file);

}  // namespace productd
