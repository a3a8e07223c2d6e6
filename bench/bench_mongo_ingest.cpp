// Inserts the documents of so many creates by libmongoc alone, as fast as it can: what bench_kafka_sink.py sets the
// service's rate beside. Says `writing` when all documents are made, and stays until it is told to end.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "bench_mongo_raw.hpp"
#include "outbound/mongo/mongo_indexes.hpp"

namespace {

using namespace productd;
using namespace productd::bench;

void ingest(const MongoLoad& load, const std::string& database) {
    const auto clients = expect(MongoClients::open({.uri = load.uri, .database = database}));
    {
        const MongoClients::Client client(*clients);
        expect(mongo_make_indexes(*client.collection(), false));
    }
    std::vector<std::vector<Encoded>> ready;
    for (const auto& batch : batches_of(load.products, false)) {
        auto& items = ready.emplace_back();
        for (const auto& write : batch) items.push_back(encoded(write));
    }
    const ItemOptions options(false);
    fmt::print("writing\n");
    std::fflush(stdout);
    on_threads(*clients, load.writers, ready.size(), [&](mongoc_collection_t& products, std::size_t at) {
        write_raw(products, ready[at].size(), options, [&](std::size_t i) -> const Encoded& { return ready[at][i]; });
    });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Inserts products by libmongoc alone, with the indexes of the service, and waits to be ended");
    MongoLoad load;
    std::string database;
    app.add_option("--uri", load.uri, "The server")->required();
    app.add_option("--database", database, "Where its collection `products` is filled")->required();
    app.add_option("--products", load.products)->check(CLI::PositiveNumber);
    app.add_option("--writers", load.writers, "Bulk writes at a time")->check(CLI::Range(1, 7));
    CLI11_PARSE(app, argc, argv);
    try {
        ingest(load, database);
    } catch (const std::exception& error) {
        std::cerr << "bench_mongo_ingest: " << error.what() << "\n";
        return 1;
    }
    pause();
}
