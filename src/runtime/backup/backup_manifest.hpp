// What a backup says of itself: `manifest.json`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/decide.hpp"
#include "domain/result.hpp"

namespace productd {

/// How many there are of what: messages, products.
using NamedCounts = std::vector<std::pair<std::string, std::int64_t>>;

struct BackupFile {
    std::string name;         ///< As in the data folder.
    std::int64_t schema = 0;  ///< Of its tables; a release reads its own and earlier ones.
    std::int64_t bytes = 0;
    Digest sha256{};
    NamedCounts counts;
    bool operator==(const BackupFile&) const = default;
};

struct BackupManifest {
    static constexpr const char* file_name = "manifest.json";
    static constexpr std::int64_t format_now = 1;  ///< Of the backup as a whole.

    std::int64_t format = format_now;
    std::string productd;  ///< The version that made it.
    Timestamp taken_at{};  ///< What was answered before is in it.
    std::vector<BackupFile> files;
    bool operator==(const BackupManifest&) const = default;
};

/// JSON for people and programs, a line a member.
std::string manifest_text(const BackupManifest& manifest);
/// Fails with data_loss for what is no manifest, and with failed_precondition for one of a later format.
Result<BackupManifest> parse_manifest(std::string_view text);

}  // namespace productd
