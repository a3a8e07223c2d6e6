// Measures the MongoDB store: its bulk writes beside the driver's own, and the worker from the log to it. Parses the
// command line; calls measure_writes() and measure_pipeline().
#include "bench_mongo.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <thread>

#include "outbound/mongo/mongo_client.hpp"

namespace {

using namespace productd;
using namespace productd::bench;

std::string server_version(const MongoLoad& load) {
    const auto clients = expect(MongoClients::open({.uri = load.uri}));
    return expect(MongoClients::Client(*clients).server_version());
}

void say_limits(const MongoLoad& load) {
    fmt::print(
        "{} cores; the server says it is version {}; medians of {} rounds by turns, after one that does not count\n",
        std::thread::hardware_concurrency(), server_version(load), load.rounds);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures the MongoDB store beside the driver alone, and the pipeline into it");
    MongoLoad load;
    std::string only;
    app.add_option("--uri", load.uri, "The server; databases named bench_… are made and emptied again")->required();
    app.add_option("--products", load.products, "Written in a run")->check(CLI::PositiveNumber);
    app.add_option("--messages", load.messages, "Sent through the pipeline in a run")->check(CLI::PositiveNumber);
    app.add_option("--rounds", load.rounds)->check(CLI::PositiveNumber);
    app.add_option("--writers", load.writers, "Bulk writes at a time")->check(CLI::Range(1, 7));
    app.add_option("--only", only, "writes or pipeline")->check(CLI::IsMember({"writes", "pipeline"}));
    CLI11_PARSE(app, argc, argv);
    try {
        say_limits(load);
        if (only != "pipeline") measure_writes(load);
        if (only != "writes") measure_pipeline(load);
    } catch (const std::exception& error) {
        std::cerr << "bench_mongo: " << error.what() << "\n";
        return 1;
    }
}
