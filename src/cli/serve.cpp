// `productd serve`: runs the service. Calls runtime/service.
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
        ->add_option("--ready-file", *ready_file,
                     "Write pid and ports to this file (JSON) once the service has started and listens; /readyz says "
                     "whether it is ready")
        ->type_name("FILE");
    command->callback([=, &choice] { choice.action = Serve{flags->sources(choice), *ready_file}; });
}

ExitCode perform(const Serve& action, Console& console) {
    auto loaded = load_config(action.sources);
    if (!loaded) return report(loaded.error(), console);
    if (store_is_for_one_instance(loaded->config)) {
        loaded->warnings.emplace_back(
            "bus: kafka with store: sqlite is for exactly one instance; use store: mongodb for more.");
    }
    return run_service(*loaded, {action.sources, action.ready_file}) ? ExitCode::success : ExitCode::failure;
}

}  // namespace productd
