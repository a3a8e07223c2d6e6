// The names in the data folder, which none but this file knows.
#include "runtime/data_files.hpp"

namespace productd {

DataFiles data_files(const Config& config) {
    const std::filesystem::path folder = config.data.dir;
    return {folder, folder / "log.db", folder / "store.db", folder / "admin.sock", folder / "tls"};
}

}  // namespace productd
