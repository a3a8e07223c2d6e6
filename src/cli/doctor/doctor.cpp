// `productd doctor`: looks at all that a start needs, one line each. Calls doctor_checks.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <array>
#include <ostream>

#include "cli/checked_config.hpp"
#include "cli/commands.hpp"
#include "cli/doctor/doctor_checks.hpp"
#include "outbound/admin/admin_message_log.hpp"
#include "runtime/data_files.hpp"

namespace productd {

namespace {

struct Check {
    const char* subject;
    Findings (*look)(const Examined&);
};

constexpr std::array checks{
    Check{"configuration", &check_configuration},
    Check{"data folder", &check_data_folder},
    Check{"databases", &check_databases},
    Check{"kafka", &check_kafka},
    Check{"cache", &check_cache},
    Check{"certificate", &check_certificate},
    Check{"clients", &check_client_certificates},
    Check{"ports", &check_ports},
    Check{"open files", &check_open_files},
    Check{"clock", &check_clock},
};

const char* name(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok: return "ok";
        case Verdict::warn: return "warn";
        case Verdict::fail: return "fail";
    }
    return "fail";
}

void print(const Finding& finding, const char* subject, std::ostream& out) {
    fmt::print(out, "{:<5} {:<14} {}\n", name(finding.verdict), subject, finding.sentence);
}

}  // namespace

void declare_doctor(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("doctor", "Look whether the service can run here, and say what to do if not");
    command->footer("Ends with 1 when something must be mended.\nExample: productd doctor --data-dir ./data");
    auto flags = SourceFlags::declare(*command, SourceFlags::Ports::with);
    command->callback([=, &choice] { choice.action = Doctor{flags->sources(choice)}; });
}

ExitCode perform(const Doctor& action, Console& console) {
    const auto loaded = load_config(action.sources);
    if (!loaded) {
        print({Verdict::fail, loaded.error().detail}, checks.front().subject, console.out);
        return ExitCode::failure;
    }
    const auto socket = data_files(loaded->config).admin_socket;
    const Examined examined{*loaded, std::chrono::system_clock::now(), service_listens(socket),
                            service_process(socket)};
    bool failed = false;
    for (const auto& check : checks) {
        for (const auto& finding : check.look(examined)) {
            print(finding, check.subject, console.out);
            failed = failed || finding.verdict == Verdict::fail;
        }
    }
    return failed ? ExitCode::failure : ExitCode::success;
}

}  // namespace productd
