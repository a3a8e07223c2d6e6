// `productd health`: whether the service that runs here is ready, for who looks after its container or process. Calls
// its own listener.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "cli/checked_config.hpp"
#include "cli/commands.hpp"
#include "cli/health/own_listener.hpp"
#include "cli/open_log.hpp"
#include "codec/json/json_members.hpp"

namespace productd {

namespace {

constexpr std::chrono::milliseconds patience{4'000};  // Below what who asks usually gives a check.
constexpr const char* target = "/readyz?verbose=true";
constexpr unsigned ok = 200;
constexpr unsigned not_ready = 503;

struct Told {
    bool is_ready = false;
    bool is_degraded = false;
    std::vector<std::string> failed;  ///< `store: It does not answer.`
};

/// One check; empty for one that passed.
std::string failure_in(json::Members& check) {
    const auto name = check.text("name");
    const auto detail = check.has("detail") ? check.text("detail") : std::string();
    return detail.empty() ? std::string() : fmt::format("{}: {}", name, detail);
}

/// Nothing when it is not what the service answers.
std::optional<Told> told_in(const OwnAnswer& answer) {
    auto told = json::read_object(answer.body, [](json::Members& report) {
        Told read;
        read.failed = report.objects("checks", failure_in);
        return read;
    });
    if (!told || (answer.status != ok && answer.status != not_ready)) return std::nullopt;
    std::erase(told->failed, "");
    told->is_ready = answer.status == ok;
    told->is_degraded = told->is_ready && !told->failed.empty();
    return told;
}

std::string sentence(const Told& told, const std::string& where) {
    const auto failed = fmt::format("{}", fmt::join(told.failed, " "));
    if (told.is_degraded) return fmt::format("{} is ready, and degraded: {}", where, failed);
    if (told.is_ready) return where + " is ready.";
    if (told.failed.empty()) return where + " is not ready.";
    return fmt::format("{} is not ready: {}", where, failed);
}

}  // namespace

void declare_health(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("health", "Say whether the service that runs here is ready");
    command->footer(
        "It asks /readyz where the configuration has the service listen, and trusts the service's own certificate\n"
        "alone; where clients must show one, it asks the metrics port. Give it the configuration that the service\n"
        "has. Exit code 0: ready; 1: not ready, or no answer.\n"
        "Example: productd health --data-dir ./data");
    auto flags = SourceFlags::declare(*command, SourceFlags::Ports::with);
    command->callback([=, &choice] { choice.action = Health{flags->sources(choice)}; });
}

ExitCode perform(const Health& action, Console& console) {
    const auto loaded = load_config(action.sources);  // What it warns of, the service has said.
    if (!loaded) return report(loaded.error(), console);
    const auto listener = own_listener(loaded->config);
    if (!listener) return report(listener.error(), console);
    const auto answer = run_to_end(ask(*listener, target, patience));
    if (!answer) return report(answer.error(), console);
    const auto told = told_in(*answer);
    if (!told) {
        return report({Errc::internal, fmt::format("What listens on {} is not productd: it answered {} to {}.",
                                                   answer->url, answer->status, target)},
                      console);
    }
    fmt::print(told->is_ready ? console.out : console.err, "{}\n", sentence(*told, answer->url));
    return told->is_ready ? ExitCode::success : ExitCode::failure;
}

}  // namespace productd
