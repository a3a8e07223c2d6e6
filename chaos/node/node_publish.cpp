// Makes the files of a data folder and fills its log. Calls the real log and store.
#include <fmt/ostream.h>

#include <boost/asio/use_future.hpp>
#include <iostream>

#include "chaos/node/node.hpp"
#include "inbound/admin/admin_json.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/io_threads.hpp"

namespace productd::chaos {

namespace {

constexpr std::size_t records_per_call = 1'000;

/// As the admin socket is sent them.
Record record_of(const std::string& line) { return admin_json::records("[" + line + "]").value().front(); }

std::vector<TopicSpec> specs(std::int32_t partitions) {
    std::vector<TopicSpec> specs;
    for (const auto& name : TopicNames{}.all()) specs.push_back({name, partitions});
    return specs;
}

}  // namespace

int publish(const std::filesystem::path& data, std::int32_t partitions, std::istream& in, std::ostream& out) {
    auto directory = DataDirectory::open(data);
    SqliteStoreSettings store_settings;
    store_settings.path = data / "store.db";
    auto store = SqliteProductStore::open(store_settings);
    SqliteLogSettings settings;
    settings.path = data / "log.db";
    auto log = SqliteMessageLog::open(settings);
    if (!directory || !store || !log) return 1;
    IoThreads loop("publish", 1);
    const auto wait_for = [&](auto task) {
        return asio::co_spawn(loop.executor(), std::move(task), asio::use_future).get();
    };
    if (!wait_for((*log)->create(specs(partitions)))) return 1;

    std::vector<Record> batch;
    const auto flush = [&] {
        const auto results = wait_for((*log)->publish(std::exchange(batch, {})));
        if (!results) return false;
        for (const auto& result : *results) {
            if (!result) return false;
            fmt::print(out, "{{\"partition\":{},\"offset\":{}}}\n", result->source.partition, result->offset);
        }
        return true;
    };
    std::size_t bytes = 0;
    for (std::string line; std::getline(in, line);) {
        batch.push_back(record_of(line));
        bytes += line.size();
        if (batch.size() < records_per_call && bytes < 4'000'000) continue;
        bytes = 0;
        if (!flush()) return 1;
    }
    if (!batch.empty() && !flush()) return 1;
    (*log)->close({});
    loop.stop();
    return 0;
}

}  // namespace productd::chaos
