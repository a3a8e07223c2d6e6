// `productd rebuild`: makes the store's file anew from the log. Calls runtime/rebuild_store.
#include "runtime/rebuild_store.hpp"

#include <fmt/ostream.h>

#include <ostream>

#include "cli/checked_config.hpp"
#include "cli/commands.hpp"

namespace productd {

namespace {

constexpr std::chrono::seconds between_lines{1};

void print(const RebuiltStore& rebuilt, std::ostream& out) {
    const auto& counts = rebuilt.counts;
    fmt::print(out, "store.db is made anew from {} and {} of {} messages: {} applied, {} in it already.\n",
               rebuilt.is_from_file ? "what it was" : "nothing", counts.read, counts.total, counts.applied,
               counts.known);
    const auto tell = [&](std::uint64_t count, const char* what) {
        if (count > 0) fmt::print(out, "{} {}\n", count, what);
    };
    tell(counts.refused, "were refused by their own conditions, as they were or would have been.");
    tell(counts.condemned, "can never be applied; those that still have a dead letter are in `productd dlq list`.");
    tell(counts.without_product, "change products that neither the store nor the log has.");
    for (const auto& [source, begin] : counts.cut) {
        fmt::print(out, "{}/{} begins at offset {}: what was before is no longer in the log.\n", source.topic,
                   source.partition, begin);
    }
    if (!counts.cut.empty()) {
        fmt::print(out, "What only those messages had said is lost, unless the store had it; so is what gRPC wrote.\n");
    }
    if (rebuilt.put_aside) {
        fmt::print(out, "The store that could not be read is put aside, and with it what gRPC wrote: {}\n",
                   rebuilt.put_aside->string());
    }
}

}  // namespace

void declare_rebuild(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand(
        "rebuild", "Make the embedded store anew: apply to it once more what the event log still holds");
    command->footer(
        "For a store.db that is gone, damaged, or was put back from before. No service may run on the folder.\n"
        "What is in the store stays; what gRPC wrote, and what the log has dropped (Log.Retention), is in no log.\n"
        "Example: productd rebuild --data-dir ./data");
    action_of<Rebuild>(*command, choice);
}

ExitCode perform(const Rebuild& action, Console& console) {
    const auto loaded = checked_config(action.sources, console);
    if (!loaded) return report(loaded.error(), console);
    auto next_line = std::chrono::steady_clock::now() + between_lines;
    const auto told = [&](const LogReplayCounts& counts) {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_line) return;
        next_line = now + between_lines;
        fmt::print(console.err, "{} of {} messages\n", counts.read, counts.total);
    };
    const auto rebuilt = rebuild_store(loaded->config, told);
    if (!rebuilt) return report(rebuilt.error(), console);
    print(*rebuilt, console.out);
    return ExitCode::success;
}

}  // namespace productd
