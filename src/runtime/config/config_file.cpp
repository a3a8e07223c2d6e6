// Reads files for the configuration. Calls yaml-cpp and translates its exceptions here.
#include "runtime/config/config_file.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

namespace productd {

namespace {

constexpr std::size_t file_bytes_max = 1 << 20;
constexpr std::size_t secret_bytes_max = 64 << 10;

Result<std::string> read_all(const std::filesystem::path& file, std::size_t bytes_max) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        return fail(Errc::invalid_argument, fmt::format("{} is a folder, not a file.", file.string()));
    }
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(Errc::not_found, fmt::format("{} cannot be read: {}.", file.string(), strerror(errno)));
    std::string text(bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > bytes_max) {
        return fail(Errc::invalid_argument,
                    fmt::format("{} is longer than the {} KiB allowed.", file.string(), bytes_max >> 10));
    }
    return text;
}

class SettingsReader {
public:
    explicit SettingsReader(const std::filesystem::path& file) : file_(file.string()) {}

    void read(const YAML::Node& root) {
        if (root.IsNull() || !root.IsDefined()) return;
        if (!root.IsMap()) return error(root, "the file must be a mapping like `Http: {Port: 5007}`");
        for (const auto& member : root) {
            if (!member.first.IsScalar()) {
                error(member.first, "a name must be plain text");
            } else if (member.second.IsMap()) {
                read_section(member.first.Scalar(), member.second);
            } else {
                add("", member.first, member.second);
            }
        }
    }

    SettingsFile take() { return std::move(found_); }

private:
    std::string place(const YAML::Node& node) const { return fmt::format("{}:{}", file_, node.Mark().line + 1); }

    void error(const YAML::Node& node, std::string_view sentence) {
        found_.errors.push_back(fmt::format("{}: {}.", place(node), sentence));
    }

    void read_section(const std::string& section, const YAML::Node& members) {
        for (const auto& member : members) {
            if (!member.first.IsScalar()) {
                error(member.first, "a name must be plain text");
            } else {
                add(section, member.first, member.second);
            }
        }
    }

    void add(const std::string& section, const YAML::Node& name, const YAML::Node& value) {
        const auto path = section.empty() ? name.Scalar() : section + '.' + name.Scalar();
        const auto [first, inserted] = places_.emplace(path, place(name));
        if (!inserted) return error(name, fmt::format("{} is given twice, first at {}", path, first->second));
        if (value.IsNull()) return;
        GivenValue given;
        if (value.IsScalar()) {
            given.items.push_back(value.Scalar());
        } else if (value.IsSequence()) {
            given.is_list = true;
            for (const auto& item : value) {
                if (!item.IsScalar()) return error(item, fmt::format("{} must hold plain texts", path));
                given.items.push_back(item.Scalar());
            }
        } else {
            given.is_map = true;  // Inside a section: an older member may be one.
        }
        found_.settings.push_back({section, name.Scalar(), std::move(given), place(name)});
    }

    std::string file_;
    std::map<std::string, std::string> places_;
    SettingsFile found_;
};

}  // namespace

Result<SettingsFile> read_settings(const std::filesystem::path& file) {
    auto text = read_all(file, file_bytes_max);
    if (!text) return fail(std::move(text).error());
    try {
        SettingsReader reader(file);
        reader.read(YAML::Load(*text));
        return reader.take();
    } catch (const YAML::Exception& error) {
        return fail(Errc::invalid_argument, fmt::format("{}:{}: this is not YAML: {}.", file.string(),
                                                        error.mark.is_null() ? 1 : error.mark.line + 1, error.msg));
    }
}

Result<std::string> read_secret(const std::filesystem::path& file) {
    auto text = read_all(file, secret_bytes_max);
    while (text && (text->ends_with('\n') || text->ends_with('\r'))) text->pop_back();
    return text;
}

}  // namespace productd
