// chaos_node: the pipeline alone, over a data folder, with faults on demand. Parses the command line; calls run() and
// publish().
#include <CLI/CLI.hpp>
#include <iostream>

#include "chaos/node/node.hpp"

namespace {

using namespace productd;
using namespace productd::chaos;
using std::chrono::milliseconds;

/// `name:number`, the number behind the last colon.
std::pair<std::string, std::int64_t> split(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) throw CLI::ValidationError(text + ": a colon and a number are missing");
    return {text.substr(0, colon), std::stoll(text.substr(colon + 1))};
}

void add_duration(CLI::App& app, const char* flag, const char* help, std::function<void(milliseconds)> take) {
    app.add_option_function<std::int64_t>(
        flag, [take = std::move(take)](std::int64_t value) { take(milliseconds{value}); }, help);
}

void declare_faults(CLI::App& app, Faults& faults) {
    app.add_option_function<std::uint64_t>("--seed", [&](std::uint64_t seed) { faults.random.seed(seed); });
    app.add_option_function<std::string>(
        "--kill",
        [&](const std::string& text) {
            const auto [name, pass] = split(text);
            faults.kill = KillPoint(name, static_cast<std::uint64_t>(pass));
        },
        "POINT:N: SIGKILL at the N-th pass of after-fetch, before-write, after-write, before-letter, after-letter, "
        "before-commit or after-commit");
    add_duration(app, "--store-down-ms", "Every call fails this long", [&](auto t) { faults.store_down.set(t); });
    app.add_option("--store-down-from", faults.store_down_from,
                   "The write call at which that begins, or --items-fail-ms");
    add_duration(app, "--items-fail-ms", "Every item written fails alone this long",
                 [&](auto t) { faults.items_fail.set(t); });
    add_duration(app, "--store-delay-ms", "Before every call", [&](auto t) { faults.store_delay = t; });
    app.add_option("--fail-every", faults.fail_every, "Each N-th item written fails alone");
    add_duration(app, "--calls-fail-ms", "Half of the calls fail this long", [&](auto t) { faults.calls_fail.set(t); });
    app.add_option_function<std::string>(
        "--block", [&](const std::string& id) { faults.blocked = ProductId::parse(id); },
        "A product whose writes fail until the others are finished");
    app.add_option_function<std::string>(
        "--hang", [&](const std::string& id) { faults.hanging = ProductId::parse(id); },
        "A product whose writes do not answer until the others are finished");
    app.add_option("--others", faults.others_finished_at, "How many messages those others have");
    app.add_option("--wait-from", faults.waits_from, "The write call from which on all wait for the file");
    app.add_option("--wait-for", faults.waits_for, "That file");
    app.add_option("--hang-from", faults.hang_from, "The write call from which on none ever answers");
    add_duration(app, "--letters-down-ms", "The dead letter topic refuses",
                 [&](auto t) { faults.letters_down.set(t); });
    app.add_option("--letter-bytes-max", faults.letter_bytes_max, "It refuses larger letters for good");
    app.add_option("--commit-fail-every", faults.commit_fail_every, "Each N-th commit fails");
    app.add_option("--rebalance-every", faults.rebalance_every, "Messages between two rebalances");
    app.add_option_function<std::vector<std::string>>(
        "--new-life",
        [&](const std::vector<std::string>& lives) {
            for (const auto& text : lives) {
                const auto [source, offset] = split(text);
                const auto [topic, partition] = split(source);
                faults.lives[{topic, static_cast<std::int32_t>(partition)}] = offset;
            }
        },
        "TOPIC:PARTITION:OFFSET where the partition is shown to begin anew");
    app.add_option("--history", faults.history, "Where each assignment and commit is noted");
}

void declare_worker(CLI::App& app, WorkerSettings& worker) {
    app.add_option("--parallelism", worker.parallelism);
    app.add_option("--batch-max", worker.batch_max);
    app.add_option("--in-flight-max", worker.in_flight_max);
    add_duration(app, "--commit-interval-ms", "", [&](auto t) { worker.commit_interval = t; });
    add_duration(app, "--not-found-wait-ms", "", [&](auto t) { worker.not_found_wait = t; });
    app.add_option("--parked-max", worker.parked_max);
    app.add_option("--item-attempts-max", worker.item_attempts_max);
    add_duration(app, "--item-retry-limit-ms", "", [&](auto t) { worker.item_retry_limit = t; });
    add_duration(app, "--call-timeout-ms", "", [&](auto t) { worker.call_timeout = t; });
    add_duration(app, "--drain-limit-ms", "", [&](auto t) { worker.drain_limit = t; });
    add_duration(app, "--backoff-min-ms", "", [&](auto t) { worker.breaker.backoff.min = t; });
    add_duration(app, "--backoff-max-ms", "", [&](auto t) { worker.breaker.backoff.max = t; });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The pipeline with faults, for chaos");
    app.require_subcommand(1);
    Run asked;
    std::int32_t partitions = 3;
    auto* run_command = app.add_subcommand("run", "Work until everything is finished");
    auto* publish_command = app.add_subcommand("publish", "Publish the records of standard input");
    for (auto* command : {run_command, publish_command}) {
        command->add_option("--data", asked.data, "The data folder")->required();
    }
    publish_command->add_option("--partitions", partitions);
    add_duration(*run_command, "--patience-ms", "Give up when nothing goes on", [&](auto t) { asked.patience = t; });
    run_command->add_option("--mongodb-uri", asked.mongodb_uri, "Keeps the products there");
    run_command->add_option("--mongodb-database", asked.mongodb_database);
    run_command->add_option("--mongodb-journal", asked.mongodb_journal,
                            "The server itself, which says how far its journal goes");
    run_command->add_flag("--stop-when-hanging", asked.stop_when_hanging, "Stop once a call does not answer");
    declare_faults(*run_command, asked.faults);
    declare_worker(*run_command, asked.worker);
    CLI11_PARSE(app, argc, argv);
    if (*publish_command) return publish(asked.data, partitions, std::cin, std::cout);
    return run(std::move(asked));
}
