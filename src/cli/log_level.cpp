// `productd log-level`: which lines a running service writes. Calls the admin socket.
#include <fmt/ostream.h>

#include "cli/checked_config.hpp"
#include "cli/commands.hpp"
#include "cli/open_log.hpp"
#include "codec/json/json_members.hpp"
#include "codec/json/json_writer.hpp"
#include "outbound/admin/admin_client.hpp"
#include "runtime/config/config_value.hpp"
#include "runtime/data_files.hpp"

namespace productd {

namespace {

using namespace std::chrono_literals;

constexpr const char* level_target = "/admin/lines/level";

std::string wish_text(const LogLevel& wish) {
    std::string body;
    {
        json::ObjectWriter object(body);
        object.text("level", log::name(*wish.level));
        if (wish.time) object.number("milliseconds", wish.time->count());
    }
    return body;
}

Task<std::string> ask(AdminClient client, LogLevel wish) {
    auto answer = wish.level ? client.call(AdminClient::Method::post, level_target, wish_text(wish))
                             : client.call(AdminClient::Method::get, level_target);
    co_return co_await std::move(answer);
}

/// `debug; info again in 9m59s`.
std::string level_in(json::Members& members) {
    auto level = members.text("level");
    if (!members.has("milliseconds")) return level;
    const auto seconds = (members.integer("milliseconds") + 999) / 1'000;
    const auto minutes = seconds >= 60 ? fmt::format("{}m", seconds / 60) : std::string();
    return fmt::format("{}; {} again in {}{}s", level, members.text("then"), minutes, seconds % 60);
}

std::string check_level(const std::string& text) {
    if (enumerator_named<log::Level>(text)) return {};
    return fmt::format("{} is none of {}", text, fmt::join(names_of<log::Level>, ", "));
}

std::string check_time(const std::string& text) {
    const auto time = duration_of(text);
    return time && *time >= log::level_time_min && *time <= log::level_time_max
               ? ""
               : text + " is not a duration from 1s to 1d, like 10m";
}

}  // namespace

void declare_log_level(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("log-level", "Show or change which lines a running service logs");
    command->footer(
        "Without LEVEL it says what is in force. The change lasts until the service ends, or for the time of --for;\n"
        "SIGHUP takes Logger.Level of the configuration again.\n"
        "Example: productd log-level debug --for 10m --data-dir ./data");
    auto level = std::make_shared<std::string>();
    auto time = std::make_shared<std::string>();
    command->add_option("level", *level, "The least level that is written: debug, info, warn or error")
        ->type_name("LEVEL")
        ->check(check_level);
    command->add_option("--for", *time, "Afterwards it is as before: 30s, 10m, 1h")
        ->type_name("TIME")
        ->check(check_time);
    action_of<LogLevel>(*command, choice, [level, time](LogLevel& wish) {
        if (level->empty() && !time->empty()) throw CLI::ValidationError("--for", "needs a LEVEL before it");
        wish.level = enumerator_named<log::Level>(*level);
        wish.time = duration_of(*time);
    });
}

ExitCode perform(const LogLevel& action, Console& console) {
    const auto loaded = checked_config(action.sources, console);
    if (!loaded) return report(loaded.error(), console);
    const auto answer = run_to_end(ask(AdminClient({.socket = data_files(loaded->config).admin_socket}), action));
    if (!answer) return report(answer.error(), console);
    const auto now = json::read_object(*answer, level_in);
    if (!now) return report({Errc::internal, "The running service answered something else than a level."}, console);
    fmt::print(console.out, "{}\n", *now);
    return ExitCode::success;
}

}  // namespace productd
