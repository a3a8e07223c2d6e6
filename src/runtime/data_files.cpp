// The names in the data folder, which none but this file knows.
#include "runtime/data_files.hpp"

#include <fmt/format.h>

namespace productd {

DataFiles data_files(const Config& config) {
    const std::filesystem::path folder = config.data.dir;
    return {folder, folder / "log.db", folder / "store.db", folder / "admin.sock", folder / "tls"};
}

Result<bool> is_data_there(const std::filesystem::path& file) {
    std::error_code error;
    const bool found = std::filesystem::exists(file, error);
    if (!error) return found;
    return fail(Errc::failed_precondition,
                fmt::format("The data folder {} cannot be read ({}): let this user read it, or choose another with "
                            "--data-dir.",
                            file.parent_path().string(), error.message()));
}

}  // namespace productd
