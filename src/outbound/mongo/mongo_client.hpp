// Connections to MongoDB and what is said of them. Every call blocks: use it on the threads of a pool.
#pragma once

#include <mongoc/mongoc.h>

#include <chrono>
#include <memory>
#include <string>

#include "async/async.hpp"
#include "codec/bson.hpp"
#include "outbound/destroyed_by.hpp"
#include "outbound/mongo/mongo_settings.hpp"
#include "outbound/mongo/mongo_time.hpp"

namespace productd {

/// What a driver's error means here, and which setting would change it. The one place where they are translated.
Error mongo_error(const bson_error_t& error);
/// The same of an error of a single item, by the server's code.
Error mongo_item_error(std::int32_t code, const std::string& message);
/// What is told of a member that answers and is not the primary.
Error mongo_takes_no_writes();
/// Whether the connection broke, or another member has to be asked: the same may go well if it is asked once more.
bool mongo_may_repeat(const bson_error_t& error);

using MongoCollection = std::unique_ptr<mongoc_collection_t, DestroyedBy<mongoc_collection_destroy>>;
using MongoCursor = std::unique_ptr<mongoc_cursor_t, DestroyedBy<mongoc_cursor_destroy>>;

/// A reply of the server, freed when it goes. Empty until a call fills it in.
class MongoReply {
public:
    MongoReply() { bson_init(&reply_); }
    ~MongoReply() { bson_destroy(&reply_); }
    MongoReply(const MongoReply&) = delete;
    MongoReply& operator=(const MongoReply&) = delete;

    /// For a call that initializes it anew.
    bson_t* out() {
        bson_destroy(&reply_);
        return &reply_;
    }
    const bson_t& get() const { return reply_; }

private:
    bson_t reply_{};
};

/// A connection for checks alone, so that they neither wait behind what asks for products nor take its place. One
/// thread at a time.
class MongoCheck {
public:
    /// What a check may take of each: selecting a server, and its answer. Longer ones of the settings are shortened.
    static constexpr std::chrono::milliseconds call_limit{800};

    /// Fails as MongoClients::open. Connects to nothing.
    static Result<MongoCheck> open(const MongoConnection& settings);
    /// Asks the primary whether it is there; a member known to be none fails. Connects anew after a failure, so that a
    /// server that is back is seen at once.
    Result<> ping();

private:
    using Uri = std::unique_ptr<mongoc_uri_t, DestroyedBy<mongoc_uri_destroy>>;
    using Client = std::unique_ptr<mongoc_client_t, DestroyedBy<mongoc_client_destroy>>;
    explicit MongoCheck(Uri uri) : uri_(std::move(uri)) {}

    Uri uri_;
    Client client_;
};

struct MongoTopology {
    std::size_t members = 0;  ///< Of its replica set that hold data; none where it stands alone.
    bool is_sharded = false;  ///< It is a router, which does not tell the members behind it.
};

/// The pool of the driver, thread-safe. Opening it connects to nothing.
class MongoClients {
public:
    /// Fails with invalid_argument for a URI that the driver cannot read.
    static Result<std::unique_ptr<MongoClients>> open(const MongoConnection& settings);

    /// A server that is silent is not told for long that the sessions end.
    ~MongoClients();
    MongoClients(const MongoClients&) = delete;
    MongoClients& operator=(const MongoClients&) = delete;

    static constexpr const char* collection_name = "products";

    /// One connection to every server, for as long as it lives: it heeds MongoPatience. Waits while all are in use.
    class Client {
    public:
        explicit Client(MongoClients& clients)
            : clients_(clients), client_(mongoc_client_pool_pop(clients.pool_.get())) {
            bound_connections(*client_);
        }
        ~Client() { mongoc_client_pool_push(clients_.pool_.get(), client_); }
        Client(const Client&) = delete;
        Client& operator=(const Client&) = delete;

        mongoc_client_t& driver() const { return *client_; }
        const std::string& database() const { return clients_.database_; }
        MongoCollection collection() const;
        Result<std::string> server_version() const;
        /// What the server that takes writes says of itself.
        Result<MongoTopology> topology() const;

    private:
        MongoClients& clients_;
        mongoc_client_t* client_;
    };

private:
    using Pool = std::unique_ptr<mongoc_client_pool_t, DestroyedBy<mongoc_client_pool_destroy>>;
    MongoClients(Pool pool, std::string database) : pool_(std::move(pool)), database_(std::move(database)) {}

    Pool pool_;
    std::string database_;
};

}  // namespace productd
