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
        expect(mongo_make_indexes(*products));
        if (load.is_stand_in) make_version_index(*products);
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

    /// The stand-in's indexes serve only filters of exactly their keys: without this one, each compare-and-set would
    /// read the whole collection there. MongoDB finds by `_id`.
    static void make_version_index(mongoc_collection_t& products) {
        Bson keys, entry, command;
        keys.integer("_id", 1).integer("version", 1);
        entry.document("key", keys).text("name", "_id_1_version_1").boolean("unique", true);
        BsonArray list;
        list.add([&](Bson& elements, const char* key) { elements.document(key, entry); });
        command.text("createIndexes", mongoc_collection_get_name(&products)).array("indexes", list.elements());
        bson_error_t error{};
        MongoReply reply;
        if (!mongoc_collection_write_command_with_opts(&products, command.get(), nullptr, reply.out(), &error)) {
            throw std::runtime_error(error.message);
        }
    }

    MongoStoreSettings settings_;
    std::unique_ptr<MongoClients> clients_;
};

}  // namespace productd::bench
