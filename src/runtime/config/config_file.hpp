// The YAML file as a flat list of settings with the lines they stand on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/config/config_value.hpp"

namespace productd {

/// One value somebody gave, and where: `config.yaml:12`, `PRODUCTD_HTTP_PORT`, `--http-port`.
struct Setting {
    std::string section;
    std::string name;
    GivenValue value;
    std::string place;
};

struct SettingsFile {
    std::vector<Setting> settings;
    std::vector<std::string> errors;  ///< Sentences with file and line.
};

/// Members without a value (`Key:` or `null`) are left out. Fails with not_found or invalid_argument when the file
/// cannot be read or is not YAML.
Result<SettingsFile> read_settings(const std::filesystem::path& file);

/// The text of a secret's file without the line end. Fails when it cannot be read or is longer than 64 KiB.
Result<std::string> read_secret(const std::filesystem::path& file);

}  // namespace productd
