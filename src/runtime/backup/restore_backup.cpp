// Copies under other names, compares, and renames, with a marker that keeps services away meanwhile.
#include "runtime/backup/restore_backup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/sha256.hpp"
#include "outbound/sqlite/log/sqlite_log_mark.hpp"
#include "outbound/sqlite/store/sqlite_store_mark.hpp"
#include "runtime/backup/data_parts.hpp"
#include "runtime/backup/file_bytes.hpp"
#include "runtime/backup/tar_file.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/data_files.hpp"

namespace productd {

namespace {

using Path = std::filesystem::path;
using RestoreTold = std::function<void(const std::string&)>;

constexpr std::int64_t manifest_bytes_max = 1 << 20;

struct Backup {
    BackupManifest manifest;
    std::vector<FileRange> ranges;  ///< Of each file of it, in its order.
    std::string id;                 ///< What no other backup has.
};

Path copy_of(const Path& file) { return file.string() + ".restore"; }

/// Where the bytes of a folder's or an archive's files are.
Result<std::vector<TarMember>> members_of(const Path& from) {
    std::error_code error;
    const auto status = std::filesystem::status(from, error);
    if (!std::filesystem::exists(status)) {
        return fail(Errc::not_found, fmt::format("There is no backup {}.", from.string()));
    }
    if (!std::filesystem::is_directory(status)) return tar_members(from);
    std::vector<TarMember> members;
    for (const auto& entry : std::filesystem::directory_iterator(from, error)) {
        const auto size = entry.is_regular_file(error) ? entry.file_size(error) : 0;
        if (!error) members.push_back({entry.path().filename(), {entry.path(), 0, static_cast<std::int64_t>(size)}});
    }
    return members;
}

Error no_backup(const Path& from, const std::string& why) {
    return {Errc::data_loss, fmt::format("{} is no backup, or a damaged one: {}.", from.string(), why)};
}

Result<> check_files(const Path& from, const BackupManifest& manifest) {
    for (const auto& file : manifest.files) {
        const auto part = data_part(file.name, file.name);
        const auto known = part ? static_cast<std::int64_t>(part->file.migrations.size()) : 0;
        if (!part || file.schema > known) {
            return fail(Errc::failed_precondition,
                        fmt::format("{} of the backup has schema {}, this productd knows {}: restore it with the "
                                    "version that made it ({}), or a later one.",
                                    file.name, file.schema, known, manifest.productd));
        }
    }
    if (manifest.files.empty()) return fail(no_backup(from, "it has no files"));
    return {};
}

Result<Backup> open_backup(const Path& from) {
    auto members = members_of(from);
    if (!members) return fail(std::move(members).error());
    const auto find = [&](const std::string& name) { return std::ranges::find(*members, name, &TarMember::name); };
    const auto described = find(BackupManifest::file_name);
    if (described == members->end() || described->range.bytes > manifest_bytes_max) {
        return fail(no_backup(from, "it has no manifest.json"));
    }
    std::string text;
    auto read =
        read_through(described->range, [&](std::string_view bytes) -> Result<> { return text += bytes, Result<>{}; });
    if (!read) return fail(std::move(read).error());
    auto manifest = parse_manifest(text);
    if (!manifest) return fail(std::move(manifest).error());
    if (auto known = check_files(from, *manifest); !known) return fail(std::move(known).error());
    Backup backup{std::move(*manifest), {}, hex(sha256(text))};
    for (const auto& file : backup.manifest.files) {
        const auto member = find(file.name);
        if (member == members->end()) return fail(no_backup(from, file.name + " is missing"));
        if (member->range.bytes != file.bytes) return fail(no_backup(from, file.name + " has another size"));
        backup.ranges.push_back(member->range);
    }
    return backup;
}

Result<> compare(const FileRange& range, const BackupFile& file) {
    auto digest = digest_of(range);
    if (!digest) return fail(std::move(digest).error());
    if (*digest == file.sha256) return {};
    return fail(Errc::data_loss, fmt::format("{} ({}) is damaged: its SHA-256 is not what the manifest says.",
                                             range.path.string(), file.name));
}

Result<> copy_whole(const FileRange& from, const BackupFile& file, const Path& to) {
    auto made = NewFile::make(to);
    if (!made) return fail(std::move(made).error());
    auto copied = read_through(from, [&](std::string_view bytes) { return made->write(bytes); });
    if (!copied) return copied;
    if (auto synced = made->sync(); !synced) return synced;
    if (auto compared = compare({to, 0, file.bytes}, file); !compared) return compared;
    return check_part(*data_part(file.name, to), file);
}

/// Data are never written over: neither a service's nor what somebody has put there.
Result<> check_free(const Path& folder) {
    const auto files = data_files(Config{});
    std::error_code error;
    for (const auto& name : {files.log.filename(), files.store.filename()}) {
        for (const auto* behind : {"", "-wal"}) {
            const Path path = (folder / name).string() + behind;
            if (!std::filesystem::exists(path, error)) continue;
            return fail(Errc::already_exists,
                        fmt::format("{} is there already, and is not written over: move it away, or choose another "
                                    "folder with --data-dir.",
                                    path.string()));
        }
    }
    return {};
}

/// The store becomes another one than that which went on after the backup, so that neither is ever taken for the other,
/// and the log's commits rest on it. What they lacked before they go on lacking: then both stay as they are, and the
/// service tells of it.
Result<bool> renew_marks(const Path& folder, const BackupManifest& manifest) {
    if (manifest.files.size() < 2) return true;
    const auto opened = [&](const Path& name) {
        return SqliteDatabase::open(data_part(name, copy_of(folder / name))->file);
    };
    const auto files = data_files(Config{});
    auto log = opened(files.log.filename());
    if (!log) return fail(std::move(log).error());
    auto store = opened(files.store.filename());
    if (!store) return fail(std::move(store).error());
    const auto behind_commits = read_store_mark_of_log(copy_of(folder / files.log.filename()));
    const auto now = read_store_mark(copy_of(folder / files.store.filename()));
    if (!behind_commits) return true;
    if (!now || !now->has(*behind_commits)) return false;
    auto mark = renew_store_mark(*store);
    if (!mark) return fail(std::move(mark).error());
    if (auto renewed = renew_store_mark_of_log(*log, *mark); !renewed) return fail(std::move(renewed).error());
    return true;
}

/// Of what cannot be looked at, it is better to believe that it is: then renaming says what the matter is.
bool is_named(const Path& path) {
    std::error_code error;
    return std::filesystem::symlink_status(path, error).type() != std::filesystem::file_type::not_found;
}

Result<> give_names(const Path& folder, const BackupManifest& manifest) {
    std::error_code error;
    for (const auto& file : manifest.files) {
        const auto path = folder / file.name;
        if (!is_named(copy_of(path)) && !is_named(path)) {
            if (auto marked = replace_file(folder / unfinished_restore, "copying"); !marked) return marked;
            return fail(Errc::data_loss,
                        fmt::format("{} was removed since the restore broke off: move what there is of the other file "
                                    "away, and run it again; it begins anew.",
                                    path.string()));
        }
        if (!is_named(copy_of(path))) continue;  // It had its name before the restore broke off.
        if (auto renamed = rename_to_new(copy_of(path), path); !renamed) return renamed;
    }
    if (!std::filesystem::remove(folder / unfinished_restore, error)) {
        return fail(Errc::unavailable, fmt::format("{} cannot be removed: run the restore again.",
                                                   (folder / unfinished_restore).string()));
    }
    sync_folder(folder);
    return {};
}

void remove_copies(const Path& folder) {
    const auto files = data_files(Config{});
    std::error_code ignored;
    for (const auto& name : {files.log.filename(), files.store.filename()}) {
        for (const auto* behind : {"", "-wal", "-shm", "-journal"}) {
            std::filesystem::remove(copy_of(folder / name).string() + behind, ignored);
        }
    }
}

/// Both files under other names, as they will be. Whether the store has what the log's commits rest on.
Result<bool> copy_all(const Backup& backup, const Path& folder, const RestoreTold& told) {
    for (std::size_t i = 0; i < backup.ranges.size(); ++i) {
        const auto& file = backup.manifest.files[i];
        told(file.name);
        auto copied = copy_whole(backup.ranges[i], file, copy_of(folder / file.name));
        if (!copied) return fail(std::move(copied).error());
    }
    auto has_all = renew_marks(folder, backup.manifest);
    // SQLite says nothing of a last checkpoint that failed, and leaves the write-ahead log then.
    for (const auto& file : backup.manifest.files) {
        const Path behind = copy_of(folder / file.name).string() + "-wal";
        if (has_all && is_named(behind)) {
            return fail(Errc::unavailable, fmt::format("{} could not be written whole: is there room on the disk?",
                                                       copy_of(folder / file.name).string()));
        }
    }
    return has_all;
}

}  // namespace

Result<RestoredBackup> restore_backup(const Path& from, const Config& config, const RestoreTold& told) {
    const auto folder = data_files(config).folder;
    auto backup = open_backup(from);
    if (!backup) return fail(std::move(backup).error());
    for (std::size_t i = 0; i < backup->ranges.size(); ++i) {
        auto compared = compare(backup->ranges[i], backup->manifest.files[i]);
        if (!compared) return fail(std::move(compared).error());
    }
    auto directory = DataDirectory::open(folder, UnfinishedRestore::taken_up);
    if (!directory) return fail(std::move(directory).error());
    const auto marker = folder / unfinished_restore;
    const auto copied = "copied " + backup->id;
    const auto found = read_file(marker, 1'000).value_or("");
    RestoredBackup restored{.manifest = backup->manifest, .was_broken_off = found == copied};
    if (!restored.was_broken_off) {
        if (auto is_free = check_free(folder); !is_free) return fail(std::move(is_free).error());
        if (auto marked = replace_file(marker, "copying"); !marked) return fail(std::move(marked).error());
        remove_copies(folder);
        auto has_all = copy_all(*backup, folder, told);
        if (!has_all) {
            std::error_code ignored;
            remove_copies(folder);
            std::filesystem::remove(marker, ignored);
            return fail(std::move(has_all).error());
        }
        restored.products_are_missing = !*has_all;
        if (auto marked = replace_file(marker, copied); !marked) return fail(std::move(marked).error());
    }
    if (auto named = give_names(folder, backup->manifest); !named) return fail(std::move(named).error());
    return restored;
}

}  // namespace productd
