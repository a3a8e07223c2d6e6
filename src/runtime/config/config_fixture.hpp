// For tests of the configuration: a folder for files, and what is said of them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "fakes/temp_folder.hpp"
#include "runtime/config/config.hpp"

namespace productd {

class ConfigTest : public testing::Test {
protected:
    std::filesystem::path write(const std::string& name, const std::string& text) const {
        const auto path = folder_ / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    Result<LoadedConfig> load_text(const std::string& yaml) const {
        return load_config({.flags = {}, .environment = {}, .file = write("config.yaml", yaml)});
    }

    /// What is said of a file, with the folder cut off.
    std::string error_of(const std::string& yaml) const {
        const auto loaded = load_text(yaml);
        if (loaded) return "no error";
        auto detail = loaded.error().detail;
        const auto prefix = folder_.string() + "/";
        for (auto at = detail.find(prefix); at != std::string::npos; at = detail.find(prefix)) {
            detail.erase(at, prefix.size());
        }
        return detail;
    }

    TempFolder temp_;
    const std::filesystem::path& folder_ = temp_.path();
};

}  // namespace productd
