// Reads the command line. Calls CLI11 and turns its exceptions into sentences.
#include "cli/arguments.hpp"

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "runtime/config/nearest_name.hpp"
#include "runtime/version.hpp"

namespace productd {

namespace {

constexpr auto summary = "productd, the products service: REST, gRPC and events over one durable log.";
constexpr auto footer =
    "Exit codes: 0 it worked, 1 it did not, 2 the command line was not understood.\n"
    "Example: productd serve --data-dir ./data";

/// The subcommand the arguments led to, `productd topics read`.
const CLI::App& deepest(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : deepest(*chosen.back());
}

std::string path_of(const CLI::App& app) {
    return app.get_parent() ? path_of(*app.get_parent()) + ' ' + app.get_name() : app.get_name();
}

std::string unknown(const CLI::App& command, const std::string& given) {
    std::vector<std::string> known;
    const bool is_flag = given.starts_with('-');
    if (is_flag) {
        for (const auto* option : command.get_options()) {
            if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames().front());
        }
    } else {
        for (const auto* subcommand : command.get_subcommands([](const CLI::App*) { return true; })) {
            known.push_back(subcommand->get_name());
        }
    }
    const auto meant = nearest_name(given.substr(0, given.find('=')), known);
    return fmt::format("{} has no {} {}{}.", path_of(command),
                       is_flag         ? "flag"
                       : known.empty() ? "argument"
                                       : "command",
                       given, meant ? fmt::format("; did you mean {}?", *meant) : "");
}

/// The first of `command` and what is below it that has the flag; null when none has.
const CLI::App* who_has(const std::string& flag, const CLI::App& command) {
    if (command.get_option_no_throw(flag) != nullptr) return &command;
    for (const auto* below : command.get_subcommands([](const CLI::App*) { return true; })) {
        if (const auto* found = who_has(flag, *below)) return found;
    }
    return nullptr;
}

/// What was left over belongs to the command that was being read when it came.
const CLI::App& where_left_over(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() || app.remaining_size() > 0 ? app : where_left_over(*chosen.back());
}

UsageError usage(const CLI::App& command, std::string sentence) {
    if (sentence.ends_with("?.")) sentence.pop_back();
    return {fmt::format("{} See {} --help.", sentence, path_of(command))};
}

UsageError left_over(const CLI::App& app, const std::string& given) {
    const auto& command = where_left_over(app);
    const auto flag = given.substr(0, given.find('='));
    const auto* owner = flag.starts_with('-') ? who_has(flag, deepest(app)) : nullptr;
    if (owner == nullptr || owner == &command) return usage(command, unknown(command, given));
    return usage(*owner, fmt::format("{} stands behind its command: {} {} ...", flag, path_of(*owner), flag));
}

UsageError usage_error(const CLI::App& app, const CLI::ParseError& error) {
    const auto extras = app.remaining(true);
    if (!extras.empty()) return left_over(app, extras.front());
    return usage(deepest(app), fmt::format("{}: {}.", path_of(deepest(app)), error.what()));
}

}  // namespace

Action parse_arguments(std::vector<std::string> arguments,
                       std::vector<std::pair<std::string, std::string>> environment) {
    Choice choice{std::move(environment)};
    CLI::App app(summary, "productd");
    app.footer(footer);
    app.set_version_flag("--version", fmt::format("productd {}", version_text()), "Print the version and end");
    app.require_subcommand(0, 1);
    declare_serve(app, choice);
    declare_config(app, choice);
    declare_topics(app, choice);
    declare_dlq(app, choice);
    declare_doctor(app, choice);
    declare_health(app, choice);
    declare_rebuild(app, choice);
    declare_backup(app, choice);
    declare_restore(app, choice);
    declare_migrate(app, choice);
    declare_log_level(app, choice);
    std::ranges::reverse(arguments);  // As CLI11 takes them.
    try {
        app.parse(arguments);
    } catch (const CLI::CallForHelp&) {
        return PrintText{app.help()};
    } catch (const CLI::CallForVersion& version) {
        return PrintText{std::string(version.what()) + '\n'};
    } catch (const CLI::ParseError& error) {
        return usage_error(app, error);
    }
    const auto* nothing = std::get_if<PrintText>(&choice.action);
    return nothing && nothing->text.empty() ? PrintText{app.help()} : std::move(choice.action);
}

ExitCode perform(const Action& action, Console& console) {
    return std::visit([&](const auto& chosen) { return perform(chosen, console); }, action);
}

ExitCode perform(const PrintText& action, Console& console) {
    console.out << action.text;
    return ExitCode::success;
}

ExitCode perform(const UsageError& action, Console& console) {
    console.err << action.sentence << '\n';
    return ExitCode::usage;
}

}  // namespace productd
