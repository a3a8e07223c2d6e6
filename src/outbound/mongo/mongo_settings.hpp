// Where MongoDB is, and what the store on it can be told.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "app/ports/engine_defaults.hpp"
#include "domain/product.hpp"

namespace productd {

struct MongoConnection {
    std::string uri =
        "mongodb://localhost:27017";  ///< MongoDB.URI; what it says of time-outs and writes wins, of reads does not.
    std::string user;                 ///< MongoDB.User, unless the URI has one.
    std::string password;
    std::string database = "products";
    bool first_generation_indexes = false;                      ///< MongoDB.FirstGenerationIndexes: makes them as well.
    std::size_t pool_size = 16;                                 ///< MongoDB.PoolSize
    std::chrono::milliseconds connect_timeout{5'000};           ///< MongoDB.ConnectTimeout
    std::chrono::milliseconds socket_timeout{30'000};           ///< MongoDB.SocketTimeout: a call without an answer.
    std::chrono::milliseconds server_selection_timeout{3'000};  ///< MongoDB.ServerSelectionTimeout
};

struct MongoStoreSettings {
    MongoConnection connection;
    std::size_t queue_max = 1'024;  ///< Calls waiting or running, beyond which one fails.
    std::chrono::milliseconds tombstone_ttl = defaults::tombstone_ttl;  ///< Store.TombstoneTtl, by `now`.
    std::chrono::milliseconds search_time_max =
        defaults::search_time_max;  ///< Search.TimeMax, of each of a search's two queries.
    std::function<Timestamp()> now = [] {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    };
};

}  // namespace productd
