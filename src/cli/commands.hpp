// How each file of a subcommand declares its flags to the parser.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/actions.hpp"

namespace productd {

/// What the parser fills in while it reads: the action chosen last is the one asked for.
struct Choice {
    std::vector<std::pair<std::string, std::string>> environment;
    Action action = PrintText{};
};

/// `--config` and `--data-dir`, and for those that listen `--http-port`, `--grpc-port` and `--metrics-port`.
class SourceFlags {
public:
    enum class Ports { with, without };
    static std::shared_ptr<SourceFlags> declare(CLI::App& command, Ports ports);

    ConfigSources sources(const Choice& choice) const;

private:
    struct Flag {
        std::string name;
        std::string key;
        std::optional<std::string> value;
    };
    std::optional<std::string> config_;
    std::vector<std::unique_ptr<Flag>> flags_;
};

/// What `command` asks for, filled in by the flags that are added to it; those of SourceFlags without ports among them.
/// It is the action chosen when the command is given, after `check`, which may add to it or throw CLI::ValidationError.
template <class Asked>
std::shared_ptr<Asked> action_of(CLI::App& command, Choice& choice, std::function<void(Asked&)> check = {}) {
    auto flags = SourceFlags::declare(command, SourceFlags::Ports::without);
    auto asked = std::make_shared<Asked>();
    command.callback([flags, asked, &choice, check = std::move(check)] {
        if (check) check(*asked);
        asked->sources = flags->sources(choice);
        choice.action = *asked;
    });
    return asked;
}

void declare_serve(CLI::App& app, Choice& choice);
void declare_config(CLI::App& app, Choice& choice);
void declare_doctor(CLI::App& app, Choice& choice);
void declare_health(CLI::App& app, Choice& choice);
void declare_rebuild(CLI::App& app, Choice& choice);
void declare_backup(CLI::App& app, Choice& choice);
void declare_restore(CLI::App& app, Choice& choice);
void declare_migrate(CLI::App& app, Choice& choice);
void declare_log_level(CLI::App& app, Choice& choice);
void declare_topics(CLI::App& app, Choice& choice);
void declare_topics_publish(CLI::App& topics, Choice& choice);
void declare_topics_read(CLI::App& topics, Choice& choice);
void declare_dlq(CLI::App& app, Choice& choice);

}  // namespace productd
