// Reads a payload, or makes a file of it and waits for the user's editor. Calls $EDITOR by a shell.
#include "cli/dlq/dlq_payload.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <istream>
#include <iterator>
#include <limits>
#include <utility>

extern char** environ;

namespace productd {

namespace {

/// Whether it ran, and ended with 0.
bool run_editor(const std::string& editor, std::string path) {
    auto command = fmt::format("{} \"$1\"", editor);
    std::string shell = "sh";
    std::string flag = "-c";
    char* arguments[] = {shell.data(), flag.data(), command.data(), shell.data(), path.data(), nullptr};
    pid_t child = 0;
    int status = -1;
    return ::posix_spawnp(&child, "sh", nullptr, nullptr, arguments, environ) == 0 &&
           ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

Result<std::string> read_all(std::istream& in, std::size_t bytes_max) {
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.size() <= bytes_max) return text;
    return fail(Errc::resource_exhausted,
                fmt::format("The payload is longer than the {} bytes of Log.MessageBytesMax.", bytes_max));
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Errc::not_found, path + " cannot be read.");
    return read_all(file, bytes_max);
}

EditedPayload::~EditedPayload() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

Result<std::string> EditedPayload::edit(std::string text, std::size_t bytes_max) {
    const char* editor = std::getenv("EDITOR");  // NOLINT(concurrency-mt-unsafe): one thread.
    if (!editor || *editor == '\0') {
        return fail(Errc::failed_precondition, "Give the payload with --payload FILE, or set EDITOR.");
    }
    given_ = std::move(text);
    if (auto made = make(); !made) return fail(std::move(made).error());
    if (!run_editor(editor, path_)) return fail(Errc::failed_precondition, "The editor failed; nothing was changed.");
    return read_file(path_, bytes_max);
}

Result<> EditedPayload::make() {
    std::string path = (std::filesystem::temp_directory_path() / "productd-payload-XXXXXX").string();
    const int file = ::mkstemp(path.data());
    if (file >= 0) path_ = path;
    const bool is_written =
        file >= 0 && ::write(file, given_.data(), given_.size()) == static_cast<ssize_t>(given_.size());
    if (file >= 0) ::close(file);
    if (is_written) return {};
    return fail(Errc::failed_precondition, "No temporary file can be made for the editor.");
}

std::optional<std::string> EditedPayload::keep() {
    if (path_.empty()) return std::nullopt;
    const auto written = read_file(path_, std::numeric_limits<std::size_t>::max());
    if (!written || *written == given_) return std::nullopt;
    // An editor may have put a new file in its place, which others may read.
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                                 ignored);
    return std::exchange(path_, {});
}

}  // namespace productd
