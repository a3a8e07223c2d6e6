// Lays defaults, file, environment and flags over each other and checks the whole. Calls the table, config_file.
#include "runtime/config/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "runtime/config/config_addresses.hpp"
#include "runtime/config/config_checks.hpp"
#include "runtime/config/config_environment.hpp"
#include "runtime/config/config_file.hpp"
#include "runtime/config/config_older.hpp"
#include "runtime/config/config_sections.hpp"
#include "runtime/config/config_table.hpp"
#include "runtime/config/config_value.hpp"
#include "runtime/config/nearest_name.hpp"

namespace productd {

namespace {

bool is_older_member(const std::string& path) {
    return std::ranges::any_of(older_members(), [&](std::string_view member) {
        if (member.ends_with(".*"))
            return folded_name(path).starts_with(folded_name(member.substr(0, member.size() - 1)));
        return folded_name(path) == folded_name(member);
    });
}

class Loader {
public:
    Loader() { loaded_.origins.assign(config_keys().size(), "default"); }

    void apply(const Setting& setting) {
        const auto path = setting.section.empty() ? setting.name : setting.section + '.' + setting.name;
        if (const auto* key = find(setting)) {
            assign_key(*key, setting.value, setting.place);
        } else if (const auto* secret = find_secret_of(setting)) {
            assign_from_file(*secret, setting);
        } else if (auto newer = newer_setting(setting)) {
            older_.emplace_back(path, std::move(*newer));
        } else if (is_older_member(path)) {
            passed_over_.push_back(path);
        } else {
            loaded_.warnings.push_back(fmt::format("{}: {} is not a key{}", setting.place, path, nearest(path)));
        }
    }

    void add_error(std::string sentence) { errors_.push_back(std::move(sentence)); }
    /// What others set for all programs: what it says to this one and cannot be is told, and left.
    void apply_if_possible(const Setting& setting) {
        const auto* key = find(setting);
        auto tried = loaded_.config;
        if (const auto assigned = assign(tried, *key, setting.value); assigned) return apply(setting);
        loaded_.warnings.push_back(
            fmt::format("{} has a value that means nothing here and is left; see {}.", setting.place, key->path()));
    }
    void warn(std::string sentence) { loaded_.warnings.push_back(std::move(sentence)); }

    /// What one source gave must not be given twice by it; the next source may give it again.
    void next_source() {
        apply_older();
        given_.clear();
    }

    Result<LoadedConfig> finish() {
        check();
        if (!passed_over_.empty()) {
            loaded_.notes.push_back(
                fmt::format("Members of the older service without a meaning here were passed over: {}.",
                            fmt::join(passed_over_, ", ")));
        }
        if (!errors_.empty()) return fail(Errc::invalid_argument, fmt::format("{}", fmt::join(errors_, "\n")));
        return std::move(loaded_);
    }

private:
    /// Who gives both means the newer one, in whatever order.
    void apply_older() {
        for (const auto& [path, newer] : std::exchange(older_, {})) {
            const auto* key = find(newer);
            if (given_.contains(key)) continue;
            loaded_.notes.push_back(fmt::format("{}: {} of the older service is {} here: {}.", newer.place, path,
                                                key->path(), newer.value.items.front()));
            assign_key(*key, newer.value, newer.place);
        }
    }

    static const ConfigKey* find(const Setting& setting) {
        for (const auto& key : config_keys()) {
            if (folded_name(key.section) != folded_name(setting.section)) continue;
            if (folded_name(key.name) == folded_name(setting.name)) return &key;
            if (!key.older_name.empty() && folded_name(key.older_name) == folded_name(setting.name)) return &key;
        }
        return nullptr;
    }

    static const ConfigKey* find_secret_of(Setting setting) {
        const auto name = folded_name(setting.name);
        if (!name.ends_with("file")) return nullptr;
        setting.name = name.substr(0, name.size() - 4);
        const auto* key = find(setting);
        return key && key->secret != Secret::no ? key : nullptr;
    }

    /// The end of a sentence on what is no key.
    static std::string nearest(const std::string& path) {
        std::vector<std::string> names;
        for (const auto& key : config_keys()) names.push_back(key.path());
        const auto found = nearest_name(path, names);
        return found ? fmt::format("; did you mean {}?", *found) : std::string(".");
    }

    void assign_key(const ConfigKey& key, const GivenValue& value, const std::string& place) {
        const auto [first, inserted] = given_.emplace(&key, place);
        if (!inserted) {
            return add_error(fmt::format("{}: {} is given twice, first at {}.", place, key.path(), first->second));
        }
        if (auto assigned = assign(loaded_.config, key, value); !assigned) {
            return add_error(fmt::format("{}: {} {}.", place, key.path(), assigned.error().detail));
        }
        loaded_.origins[static_cast<std::size_t>(&key - config_keys().data())] = place;
    }

    void assign_from_file(const ConfigKey& key, const Setting& setting) {
        if (setting.value.is_list || setting.value.is_map) {
            return add_error(fmt::format("{}: {}File must be the path of a file.", setting.place, key.path()));
        }
        auto text = read_secret(setting.value.items.front());
        if (!text) {
            return add_error(
                fmt::format("{}: {} cannot be read from its file: {}", setting.place, key.path(), text.error().detail));
        }
        assign_key(key, {{std::move(*text)}}, setting.place);
    }

    void check() {
        for (auto& found : {check_combinations(loaded_), check_addresses(loaded_)}) {
            errors_.insert(errors_.end(), found.errors.begin(), found.errors.end());
            loaded_.warnings.insert(loaded_.warnings.end(), found.warnings.begin(), found.warnings.end());
        }
    }

    LoadedConfig loaded_;
    std::map<const ConfigKey*, std::string> given_;
    std::vector<std::pair<std::string, Setting>> older_;  ///< Members of this source by their newer names.
    std::vector<std::string> passed_over_;
    std::vector<std::string> errors_;
};

bool in_docker(const ConfigSources& sources) {
    const auto* mode = variable(sources.environment, "MODE");
    return mode && folded_name(*mode) == "docker";
}

std::optional<std::filesystem::path> file_to_read(const ConfigSources& sources) {
    if (sources.file) return sources.file;
    if (const auto* named = variable(sources.environment, "PRODUCTD_CONFIG")) return *named;
    if (!in_docker(sources)) return std::nullopt;
    for (const auto* name : {"config/config-docker.yml", "config/config-docker.yaml"}) {
        std::error_code ignored;
        auto path = sources.working_dir / name;
        if (std::filesystem::exists(path, ignored)) return path;
    }
    return std::nullopt;
}

void apply_file(Loader& loader, const ConfigSources& sources) {
    const auto file = file_to_read(sources);
    if (!file) return;
    auto read = read_settings(*file);
    if (!read) return loader.add_error(read.error().detail);
    for (auto& error : read->errors) loader.add_error(std::move(error));
    for (const auto& setting : read->settings) loader.apply(setting);
}

void apply_environment(Loader& loader, const ConfigSources& sources) {
    for (const auto& setting : otel_settings(sources.environment)) loader.apply_if_possible(setting);
    if (auto told = otel_protocol_warning(sources.environment)) loader.warn(std::move(*told));
    for (const auto& setting : older_settings(sources.environment)) loader.apply(setting);
    loader.next_source();  // The names of our own are stronger than the older ones.
    for (const auto& setting : own_settings(sources.environment)) loader.apply(setting);
}

void apply_flags(Loader& loader, const ConfigSources& sources) {
    for (const auto& flag : sources.flags) {
        const auto dot = flag.key.find('.');
        loader.apply({flag.key.substr(0, dot), flag.key.substr(dot + 1), {{flag.value}}, flag.flag});
    }
}

}  // namespace

Result<LoadedConfig> load_config(const ConfigSources& sources) {
    Loader loader;
    if (in_docker(sources)) {  // A container's loopback reaches nobody. The file may still say otherwise.
        for (const auto* section : {"Server", "Http", "Metrics"}) {
            loader.apply({section, "Address", {{"0.0.0.0"}}, "MODE=DOCKER"});
        }
        loader.next_source();
    }
    apply_file(loader, sources);
    loader.next_source();
    apply_environment(loader, sources);
    loader.next_source();
    apply_flags(loader, sources);
    return loader.finish();
}

}  // namespace productd
