// `productd serve`: runs the service. Calls runtime/service.
#include <ostream>

#include "cli/checked_config.hpp"
#include "cli/commands.hpp"
#include "runtime/engine.hpp"
#include "runtime/service.hpp"

namespace productd {

void declare_serve(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("serve", "Run the service until SIGTERM or SIGINT");
    command->footer("Example: productd serve --data-dir ./data --http-port 0 --ready-file ready.json");
    auto flags = SourceFlags::declare(*command, SourceFlags::Ports::with);
    auto ready_file = std::make_shared<std::string>();
    command
        ->add_option("--ready-file", *ready_file, "Write pid and ports to this file (JSON) once the service is ready")
        ->type_name("FILE");
    command->callback([=, &choice] { choice.action = Serve{flags->sources(choice), *ready_file}; });
}

ExitCode perform(const Serve& action, Console& console) {
    const auto loaded = checked_config(action.sources, console);
    if (!loaded) return report(loaded.error(), console);
    for (const auto& note : loaded->notes) console.err << "note: " << note << '\n';
    if (store_is_for_one_instance(loaded->config)) {
        console.err
            << "warning: bus: kafka with store: sqlite is for exactly one instance; use store: mongodb for more.\n";
    }
    const auto served = run_service(loaded->config, action.ready_file);
    return served ? ExitCode::success : report(served.error(), console);
}

}  // namespace productd
