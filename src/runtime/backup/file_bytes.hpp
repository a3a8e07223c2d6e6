// Bytes of files, read and written so that they outlive a power cut. Errors name the file and say what to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

#include "domain/decide.hpp"
#include "domain/result.hpp"

namespace productd {

/// A part of a file, or all of it.
struct FileRange {
    std::filesystem::path path;
    std::int64_t offset = 0;
    std::int64_t bytes = 0;
};

/// Calls `each` with the range's bytes, some at a time. Fails with data_loss where the file ends too early, with what
/// `each` fails with, and with failed_precondition or unavailable where the kernel refuses.
Result<> read_through(const FileRange& range, const std::function<Result<>(std::string_view)>& each);
Result<Digest> digest_of(const FileRange& range);
/// All of a file. Fails with not_found where there is none, and with data_loss above `bytes_max`.
Result<std::string> read_file(const std::filesystem::path& path, std::int64_t bytes_max);

/// A file that is being written.
class NewFile {
public:
    /// Makes it (0600), in place of what is there by that name.
    static Result<NewFile> make(const std::filesystem::path& path);
    ~NewFile();
    NewFile(NewFile&& other) noexcept
        : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
    NewFile& operator=(NewFile&&) = delete;

    /// Fails with unavailable while the disk is full.
    Result<> write(std::string_view bytes);
    /// On the disk once it returns.
    Result<> sync();

private:
    NewFile(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

    std::filesystem::path path_;
    int descriptor_;
};

/// A whole small file: another name's, renamed. What was there before or `bytes` is there after a kill at any moment.
Result<> replace_file(const std::filesystem::path& path, std::string_view bytes);
Result<> sync_file(const std::filesystem::path& path);
/// Renames outlive a power cut once their folder is on the disk. Best effort.
void sync_folder(const std::filesystem::path& folder);
/// What rename_to_new does where the file system cannot do it in one: a folder may be seen empty meanwhile, and a file
/// under both names. 0, or what errno says.
int rename_in_two_steps(const std::filesystem::path& from, const std::filesystem::path& to);
/// Fails with already_exists where `to` is there, and syncs its folder.
Result<> rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace productd
