// Snapshots of the files, copies of those, and a rename. Calls SQLite's online backup; decision 31 has the reasons.
#include "runtime/backup/make_backup.hpp"

#include <fmt/format.h>

#include "app/ports/store_mark.hpp"
#include "codec/sha256.hpp"
#include "runtime/backup/data_parts.hpp"
#include "runtime/backup/file_bytes.hpp"
#include "runtime/backup/tar_file.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/data_files.hpp"
#include "runtime/engine.hpp"
#include "runtime/system_ports.hpp"
#include "runtime/version.hpp"

namespace productd {

namespace {

using Path = std::filesystem::path;
using BackupTold = std::function<void(const BackupProgress&)>;

constexpr const char* archive_name = "backup.tar";

struct Taken {
    DataPart part;
    SqliteSnapshot snapshot;
};

/// The log's before the store's: what the log calls finished was in the store before.
Result<std::vector<Taken>> take(const Config& config) {
    auto parts = data_parts(config);
    if (!parts) return fail(std::move(parts).error());
    std::vector<Taken> taken;
    for (auto& part : *parts) {
        const auto is_there = is_data_there(part.file.path);
        if (!is_there) return fail(is_there.error());
        if (!*is_there) {
            return fail(Errc::not_found,
                        fmt::format("There is no {}; choose the folder with --data-dir.", part.file.path.string()));
        }
        auto snapshot = SqliteSnapshot::take(part.file);
        if (!snapshot) return fail(std::move(snapshot).error());
        taken.push_back({std::move(part), std::move(*snapshot)});
    }
    return taken;
}

/// Nothing where the file has no mark: one of an older release, or a log that never heard of a store.
std::optional<StoreMark> mark_in(SqliteSnapshot& snapshot, const std::string& table) {
    const auto incarnation = snapshot.number("SELECT incarnation FROM " + table);
    const auto changes = snapshot.number("SELECT changes FROM " + table);
    if (!incarnation || !changes || *incarnation == 0) return std::nullopt;
    return StoreMark{*incarnation, *changes};
}

bool are_products_missing(std::vector<Taken>& taken) {
    if (taken.size() < 2) return false;
    const auto behind_commits = mark_in(taken[0].snapshot, "store_mark");
    const auto now = mark_in(taken[1].snapshot, "mark");
    return behind_commits && (!now || !now->has(*behind_commits));
}

Result<BackupFile> copy_part(Taken& taken, const Path& folder, const BackupTold& told) {
    const auto& name = taken.part.name;
    const auto to = folder / name;
    auto copied =
        taken.snapshot.copy_to(to, [&](std::int64_t bytes, std::int64_t total) { told({name, bytes, total}); });
    if (!copied) return fail(std::move(copied).error());
    BackupFile file{.name = name};
    auto counts = counts_of(taken.part, [&](std::string_view sql) { return taken.snapshot.number(sql); });
    if (!counts) return fail(std::move(counts).error());
    file.counts = std::move(*counts);
    auto schema = taken.snapshot.number("PRAGMA user_version");
    if (!schema) return fail(std::move(schema).error());
    file.schema = *schema;
    return file;
}

/// Puts the copy on the disk, and compares it with what was counted in the snapshot.
Result<> seal(BackupFile& file, const Path& folder) {
    const auto path = folder / file.name;
    if (auto synced = sync_file(path); !synced) return synced;
    file.bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
    auto digest = digest_of(FileRange{path, 0, file.bytes});
    if (!digest) return fail(std::move(digest).error());
    file.sha256 = *digest;
    return check_part(*data_part(file.name, path), file);
}

/// The folder in which it is made, for this process alone.
Result<DataDirectory> unfinished_folder(const Path& target) {
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::symlink_status(target, error))) {
        return fail(Errc::already_exists,
                    fmt::format("{} is there already: a backup is never written over.", target.string()));
    }
    auto folder = DataDirectory::open(target.string() + ".unfinished");
    if (folder) return folder;
    return fail(
        {Errc::failed_precondition,
         fmt::format("{}.unfinished cannot be written, or another backup is being made there.", target.string()),
         {},
         std::move(folder).error().detail});
}

/// Of one that was broken off. Nothing else is touched: somebody may have given the name to a folder of his own.
void remove_unfinished(const Path& folder) {
    const auto files = data_files(Config{});
    std::error_code ignored;
    for (const auto& name :
         {files.log.filename(), files.store.filename(), Path(BackupManifest::file_name), Path(archive_name)}) {
        std::filesystem::remove(folder / name, ignored);
    }
}

/// All of the backup, read back and compared.
Result<BackupManifest> fill(std::vector<Taken> taken, Timestamp now, const Path& folder, const BackupTold& told) {
    BackupManifest manifest{.productd = std::string(version_text()), .taken_at = now, .files = {}};
    for (auto& one : taken) {
        auto file = copy_part(one, folder, told);
        if (!file) return fail(std::move(file).error());
        manifest.files.push_back(std::move(*file));
    }
    taken.clear();  // Here the service may empty its WALs again.
    for (auto& file : manifest.files) {
        if (auto sealed = seal(file, folder); !sealed) return fail(std::move(sealed).error());
    }
    if (auto written = replace_file(folder / BackupManifest::file_name, manifest_text(manifest)); !written) {
        return fail(std::move(written).error());
    }
    return manifest;
}

Result<> pack(const BackupManifest& manifest, const Path& folder) {
    const auto text = manifest_text(manifest);
    std::vector<TarMember> members{
        {BackupManifest::file_name, {folder / BackupManifest::file_name, 0, std::ssize(text)}}};
    for (const auto& file : manifest.files) members.push_back({file.name, {folder / file.name, 0, file.bytes}});
    if (auto written = write_tar(folder / archive_name, members); !written) return written;
    auto packed = tar_members(folder / archive_name);
    if (!packed) return fail(std::move(packed).error());
    for (std::size_t i = 0; i < manifest.files.size(); ++i) {
        auto digest = digest_of(packed->at(i + 1).range);
        if (!digest) return fail(std::move(digest).error());
        if (*digest != manifest.files[i].sha256) return fail(Errc::data_loss, "The archive is not what was written.");
    }
    return {};
}

Result<> give_name(const BackupManifest& manifest, const DataDirectory& unfinished, const Path& target) {
    const auto& folder = unfinished.path();
    std::error_code ignored;
    if (target.extension() == ".tar") {
        if (auto packed = pack(manifest, folder); !packed) return packed;
        if (auto renamed = rename_to_new(folder / archive_name, target); !renamed) return renamed;
        remove_unfinished(folder);
        std::filesystem::remove(folder / "lock", ignored);
        std::filesystem::remove(folder, ignored);
        return {};
    }
    sync_folder(folder);
    // The lock goes along: without it another backup of this name could begin in the folder before it has its own.
    if (auto renamed = rename_to_new(folder, target); !renamed) return renamed;
    std::filesystem::remove(target / "lock", ignored);
    return {};
}

}  // namespace

Result<MadeBackup> make_backup(const Config& config, const Path& target, const BackupTold& told) {
    const auto folder_and_name = std::filesystem::absolute(target / "").parent_path();  // Without a / at its end.
    auto unfinished = unfinished_folder(folder_and_name);
    if (!unfinished) return fail(std::move(unfinished).error());
    remove_unfinished(unfinished->path());
    const auto now = SystemClock().now();
    auto taken = take(config);
    Result<BackupManifest> manifest;
    bool is_missing = false;
    if (taken) {
        is_missing = are_products_missing(*taken);
        manifest = fill(std::move(*taken), now, unfinished->path(), told);
    } else {
        manifest = fail(std::move(taken).error());
    }
    auto done = manifest ? give_name(*manifest, *unfinished, folder_and_name) : fail(manifest.error());
    if (done) return MadeBackup{std::move(*manifest), is_missing};
    std::error_code ignored;
    remove_unfinished(unfinished->path());
    std::filesystem::remove(unfinished->path() / "lock", ignored);
    std::filesystem::remove(unfinished->path(), ignored);
    return fail(std::move(done).error());
}

}  // namespace productd
