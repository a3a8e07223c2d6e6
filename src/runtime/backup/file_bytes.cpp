// Calls the kernel.
#include "runtime/backup/file_bytes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "codec/sha256.hpp"

namespace productd {

namespace {

constexpr std::size_t bytes_at_once = 1 << 20;

Error file_error(const std::filesystem::path& path, const char* what, int system_error) {
    auto sentence = fmt::format("{} cannot be {}: {}.", path.string(), what, std::strerror(system_error));
    if (system_error == ENOENT) return {Errc::not_found, std::move(sentence)};
    if (system_error == ENOSPC || system_error == EDQUOT) return unavailable(std::move(sentence));
    return {Errc::failed_precondition, std::move(sentence)};
}

/// A descriptor that is closed on every way out.
struct OpenFile {
    explicit OpenFile(int opened) : descriptor(opened) {}
    ~OpenFile() {
        if (descriptor >= 0) ::close(descriptor);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    int descriptor;
};

}  // namespace

Result<> read_through(const FileRange& range, const std::function<Result<>(std::string_view)>& each) {
    const OpenFile file(::open(range.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.descriptor < 0) return fail(file_error(range.path, "read", errno));
    std::string buffer(bytes_at_once, '\0');
    for (std::int64_t read = 0; read < range.bytes;) {
        const auto wanted = std::min<std::int64_t>(std::ssize(buffer), range.bytes - read);
        const auto length =
            ::pread(file.descriptor, buffer.data(), static_cast<std::size_t>(wanted), range.offset + read);
        if (length < 0) return fail(file_error(range.path, "read", errno));
        if (length == 0) return fail(Errc::data_loss, fmt::format("{} ends too early.", range.path.string()));
        if (auto done = each({buffer.data(), static_cast<std::size_t>(length)}); !done) return done;
        read += length;
    }
    return {};
}

Result<Digest> digest_of(const FileRange& range) {
    Sha256 sum;
    auto read = read_through(range, [&](std::string_view bytes) -> Result<> { return sum.add(bytes), Result<>{}; });
    if (!read) return fail(std::move(read).error());
    return sum.digest();
}

Result<std::string> read_file(const std::filesystem::path& path, std::int64_t bytes_max) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return fail(file_error(path, "read", errno));
    if (status.st_size > bytes_max) return fail(Errc::data_loss, fmt::format("{} is too large.", path.string()));
    std::string text;
    auto read = read_through({path, 0, status.st_size},
                             [&](std::string_view bytes) -> Result<> { return text += bytes, Result<>{}; });
    if (!read) return fail(std::move(read).error());
    return text;
}

Result<NewFile> NewFile::make(const std::filesystem::path& path) {
    ::unlink(path.c_str());
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0) return fail(file_error(path, "made", errno));
    return NewFile(path, descriptor);
}

NewFile::~NewFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<> NewFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0) return fail(file_error(path_, "written", errno));
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<> NewFile::sync() {
    if (::fsync(descriptor_) != 0) return fail(file_error(path_, "synced to disk", errno));
    return {};
}

Result<> replace_file(const std::filesystem::path& path, std::string_view bytes) {
    const std::filesystem::path other = path.string() + ".new";
    auto file = NewFile::make(other);
    if (!file) return fail(std::move(file).error());
    if (auto written = file->write(bytes); !written) return written;
    if (auto synced = file->sync(); !synced) return synced;
    if (::rename(other.c_str(), path.c_str()) != 0) return fail(file_error(path, "written", errno));
    sync_folder(path.parent_path());
    return {};
}

Result<> sync_file(const std::filesystem::path& path) {
    const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.descriptor < 0 || ::fsync(file.descriptor) != 0) return fail(file_error(path, "synced to disk", errno));
    return {};
}

void sync_folder(const std::filesystem::path& folder) {
    const OpenFile file(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (file.descriptor >= 0) ::fsync(file.descriptor);
}

int rename_in_two_steps(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (std::error_code error; std::filesystem::is_directory(from, error)) {
        if (::mkdir(to.c_str(), 0700) != 0) return errno;
        return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;  // In place of the empty one.
    }
    if (::link(from.c_str(), to.c_str()) != 0) return errno;
    return ::unlink(from.c_str()) == 0 ? 0 : errno;
}

Result<> rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to) {
    int failed = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
    // NFS and some others know no such flag.
    if (failed == EINVAL || failed == ENOSYS || failed == EOPNOTSUPP) failed = rename_in_two_steps(from, to);
    if (failed != 0) {
        if (failed == EEXIST) return fail(Errc::already_exists, fmt::format("{} is there already.", to.string()));
        return fail(file_error(to, "made", failed));
    }
    sync_folder(to.parent_path());
    return {};
}

}  // namespace productd
