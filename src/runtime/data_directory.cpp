// Makes, locks and checks the data folder. Calls the kernel.
#include "runtime/data_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace productd {

namespace {

Error refused(const std::filesystem::path& path, int system_error) {
    auto reason = fmt::format("{}: {}", path.string(), std::strerror(system_error));
    switch (system_error) {
        case ENOSPC:
        case EDQUOT:
            return unavailable(
                fmt::format("The disk of the data folder {} is full: free space, or choose another folder "
                            "with --data-dir.",
                            path.string()),
                std::move(reason));
        case ELOOP:
            return {Errc::failed_precondition,
                    fmt::format("{} is a symbolic link, which is not followed: remove it.", (path / "lock").string()),
                    {},
                    std::move(reason)};
        default:
            return {Errc::failed_precondition,
                    fmt::format("The data folder {} cannot be written ({}): make it writable for this user, or choose "
                                "another one with --data-dir.",
                                path.string(), std::strerror(system_error)),
                    {},
                    std::move(reason)};
    }
}

/// The pid the holder wrote, as it is in the file; "another" while it has not written it yet.
std::string holder(int lock) {
    std::array<char, 16> text{};
    const auto length = ::pread(lock, text.data(), text.size() - 1, 0);
    if (length <= 0) return "another";
    std::string pid(text.data(), static_cast<std::size_t>(length));
    return pid.substr(0, pid.find_first_not_of("0123456789"));
}

Error in_use(const std::filesystem::path& path, int lock) {
    const auto pid = holder(lock);
    return {
        Errc::failed_precondition,
        fmt::format("The data folder {} is in use by process {}: stop it, or start this one with another --data-dir.",
                    path.string(), pid.empty() ? "another" : pid)};
}

/// What root makes in another's folder, that user's service could not open.
Result<> check_owner(const std::filesystem::path& path) {
    struct stat folder{};
    if (::geteuid() != 0 || ::stat(path.c_str(), &folder) != 0 || folder.st_uid == 0) return {};
    const auto* const owner = ::getpwuid(folder.st_uid);
    const auto name = owner != nullptr ? std::string(owner->pw_name) : fmt::format("#{}", folder.st_uid);
    return fail(Errc::failed_precondition,
                fmt::format("{} belongs to {}, who could not open what root makes there: run this as that user "
                            "(runuser -u {} -- productd …).",
                            path.string(), name, name));
}

/// Writes our pid over the last holder's: for people, and proof that the folder takes writes. 0, or what errno says.
int write_pid(int lock) {
    const auto pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(lock, 0) != 0) return errno;
    const auto written = ::pwrite(lock, pid.data(), pid.size(), 0);
    if (written < 0) return errno;
    return static_cast<std::size_t>(written) == pid.size() ? 0 : ENOSPC;
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path, UnfinishedRestore unfinished) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(path, error);
    if (error) return fail(refused(path, error.value()));
    if (made) ::chmod(path.c_str(), 0700);

    if (auto owned = check_owner(path); !owned) return fail(std::move(owned).error());

    const auto file = path / "lock";
    const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (lock < 0) return fail(refused(path, errno));
    DataDirectory directory(path, lock);  // Closes the file on every way out.
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return fail(in_use(path, lock));
        return fail(refused(path, errno));
    }
    struct stat locked{};
    struct stat named{};
    // A backup removes its lock with its folder: the one that was locked may be nobody's by now.
    if (::fstat(lock, &locked) != 0 || ::stat(file.c_str(), &named) != 0) return fail(refused(path, errno));
    if (locked.st_ino != named.st_ino) return fail(in_use(path, lock));
    if (::access(path.c_str(), W_OK | X_OK) != 0) return fail(refused(path, errno));
    if (unfinished == UnfinishedRestore::refused && std::filesystem::exists(path / unfinished_restore, error)) {
        return fail(Errc::failed_precondition,
                    fmt::format("A restore to {} was broken off: run `productd restore` again, which goes on with it.",
                                path.string()));
    }
    if (const int failed = write_pid(lock); failed != 0) return fail(refused(path, failed));
    return directory;
}

// The file stays: removing it would let two processes lock two files of one name.
DataDirectory::~DataDirectory() {
    if (lock_ >= 0) ::close(lock_);
}

}  // namespace productd
