// A database of its own for a run, with the indexes of the service.
#pragma once

#include "bench_mongo.hpp"
#include "outbound/mongo/mongo_indexes.hpp"
#include "outbound/mongo/mongo_product_store.hpp"
#include "runtime/service_settings.hpp"

namespace productd::bench {

class MongoDatabase {
public:
    explicit MongoDatabase(const MongoLoad& load) : settings_(settings_of(load)) {
        clients_ = expect(MongoClients::open(settings_.connection));
        const MongoClients::Client client(*clients_);
        const auto products = client.collection();
        expect(mongo_make_indexes(*products, false));
    }
    ~MongoDatabase() {
        const MongoClients::Client client(*clients_);
        mongoc_collection_drop(client.collection().get(), nullptr);
    }
    MongoDatabase(const MongoDatabase&) = delete;
    MongoDatabase& operator=(const MongoDatabase&) = delete;

    const MongoStoreSettings& settings() const { return settings_; }
    MongoClients& clients() { return *clients_; }

private:
    /// The service's defaults.
    static MongoStoreSettings settings_of(const MongoLoad& load) {
        static int made = 0;
        Config config;
        config.mongo.uri = load.uri;
        const auto now = std::chrono::system_clock::now().time_since_epoch().count();
        config.mongo.database = "bench_" + std::to_string(now) + "_" + std::to_string(++made);
        return mongo_settings(config);
    }

    MongoStoreSettings settings_;
    std::unique_ptr<MongoClients> clients_;
};

}  // namespace productd::bench
