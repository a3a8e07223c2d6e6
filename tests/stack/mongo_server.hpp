// A database of its own for each test on the replica set of the stack.
#pragma once

#include <atomic>
#include <chrono>

#include "outbound/mongo/mongo_client.hpp"
#include "stack/stack_server.hpp"

namespace productd::test {

inline std::string mongo_uri() {
    return "mongodb://127.0.0.1:" + stack_port("mongodb1", "PRODUCTD_STACK_MONGODB1_PORT") +
           ",127.0.0.1:" + stack_port("mongodb2", "PRODUCTD_STACK_MONGODB2_PORT") +
           ",127.0.0.1:" + stack_port("mongodb3", "PRODUCTD_STACK_MONGODB3_PORT") + "/?replicaSet=rs0";
}

inline MongoConnection mongo_connection() {
    static std::atomic<int> made{0};
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    MongoConnection connection;
    connection.uri = mongo_uri();
    connection.database = "test_" + std::to_string(now) + "_" + std::to_string(++made);
    connection.pool_size = 8;
    connection.server_selection_timeout = std::chrono::milliseconds{2'000};
    return connection;
}

inline bool mongo_answers() {
    auto check = MongoCheck::open(mongo_connection());
    return check && check->ping().has_value();
}

}  // namespace productd::test
