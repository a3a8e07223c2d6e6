// The data folder, owned by one process at a time.
#pragma once

#include <filesystem>
#include <utility>

#include "domain/result.hpp"

namespace productd {

/// What a restore leaves while it is not through: half of the data may have their names already.
inline constexpr const char* unfinished_restore = "restore.unfinished";

/// Whether to have a folder in which a restore was broken off.
enum class UnfinishedRestore { refused, taken_up };

/// Holds the folder's lock while it lives. The kernel lets the lock go when the process ends, however it ends.
class DataDirectory {
public:
    /// Makes the folder (0700) when it is missing, takes the lock and proves that files can be written. Fails with
    /// failed_precondition when another process has it, when it cannot be written, or for a restore
    /// that was broken off there.
    static Result<DataDirectory> open(const std::filesystem::path& path,
                                      UnfinishedRestore unfinished = UnfinishedRestore::refused);

    ~DataDirectory();
    DataDirectory(DataDirectory&& other) noexcept
        : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
    DataDirectory& operator=(DataDirectory&&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    DataDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

    std::filesystem::path path_;
    int lock_;
};

}  // namespace productd
