// `productd config`: what is in effect and where it comes from, or every key with its default. Calls config_listing.
#include <ostream>

#include "cli/checked_config.hpp"
#include "cli/commands.hpp"
#include "runtime/config/config_listing.hpp"

namespace productd {

void declare_config(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("config", "Print the configuration in effect, secrets masked");
    command->footer(
        "Example: PRODUCTD_HTTP_PORT=8443 productd config --config config/productd.yaml\n"
        "Example: productd config --defaults > productd.yaml");
    auto flags = SourceFlags::declare(*command, SourceFlags::Ports::with);
    auto defaults = std::make_shared<bool>(false);
    command->add_flag("--defaults", *defaults,
                      "Print every key with its default, its range and what it is for instead");
    command->callback([=, &choice] { choice.action = ShowConfig{flags->sources(choice), *defaults}; });
}

ExitCode perform(const ShowConfig& action, Console& console) {
    if (action.defaults) {
        console.out << reference_yaml();
        return ExitCode::success;
    }
    const auto loaded = checked_config(action.sources, console);
    if (!loaded) return report(loaded.error(), console);
    console.out << effective_yaml(*loaded);
    return ExitCode::success;
}

}  // namespace productd
