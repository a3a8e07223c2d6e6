// The driver's and the server's errors in our words: one table each way. Calls nothing.
#include "outbound/mongo/mongo_client.hpp"

namespace productd {

namespace {

/// https://www.mongodb.com/docs/manual/reference/error-codes/, and the list of the server discovery specification of
/// what says that another member has to be asked.
enum ServerCode : std::int32_t {
    host_unreachable = 6,
    host_not_found = 7,
    unauthorized = 13,
    authentication_failed = 18,
    max_time_expired = 50,
    write_concern_failed = 64,
    network_timeout = 89,
    shutdown_in_progress = 91,
    unsatisfiable_write_concern = 100,
    write_conflict = 112,
    primary_stepped_down = 189,
    exceeded_time_limit = 262,
    socket_exception = 9'001,
    not_writable_primary = 10'107,
    document_too_large = 10'334,
    duplicate_key = 11'000,
    interrupted_at_shutdown = 11'600,
    interrupted = 11'602,
    not_primary_no_secondary_ok = 13'435,
    not_primary_or_secondary = 13'436,
    document_too_large_to_insert = 17'280,
};

Error because(Errc code, std::string detail, std::string cause) {
    return {code, std::move(detail), {}, std::move(cause)};
}

/// `hint` is for who runs the service, and may name keys of the configuration.
Error because(Errc code, std::string detail, const std::string& hint, const std::string& message) {
    return because(code, std::move(detail), hint + ": " + message);
}

bool asks_for_another_member(std::int32_t code) {
    switch (code) {
        case host_unreachable:
        case host_not_found:
        case network_timeout:
        case shutdown_in_progress:
        case primary_stepped_down:
        case socket_exception:
        case not_writable_primary:
        case interrupted_at_shutdown:
        case interrupted:
        case not_primary_no_secondary_ok:
        case not_primary_or_secondary: return true;
        default: return false;
    }
}

Error server_error(std::int32_t code, const std::string& message) {
    switch (code) {
        case unauthorized:
        case authentication_failed:
            return because(Errc::unavailable, "The store refuses its user.", "see MongoDB.User and its rights",
                           message);
        case max_time_expired:
        case exceeded_time_limit:
            return because(Errc::deadline_exceeded, "The store took too long for the time of this call.",
                           "see Search.TimeMax, and the call's own time-out", message);
        case write_concern_failed:
        case unsatisfiable_write_concern:
            return because(Errc::unavailable, "The store did not confirm the write to enough members.",
                           "see the w of MongoDB.URI", message);
        case duplicate_key:
        case write_conflict: return because(Errc::aborted, "The product was changed meanwhile.", message);
        case document_too_large:
        case document_too_large_to_insert:
            return because(Errc::invalid_argument, "The product is too large for the store.", message);
        default: break;
    }
    if (asks_for_another_member(code)) {
        return because(Errc::unavailable, "The store changes its primary, or shuts down.", message);
    }
    return because(Errc::internal, "The store failed.", message + " (" + std::to_string(code) + ")");
}

}  // namespace

Error mongo_item_error(std::int32_t code, const std::string& message) { return server_error(code, message); }

Error mongo_takes_no_writes() {
    return because(Errc::unavailable, "The store takes no writes.",
                   "the member that MongoDB.URI names is not the primary: name the replica set there "
                   "(?replicaSet=NAME), and the driver finds it");
}

bool mongo_may_repeat(const bson_error_t& error) {
    if (error.domain == MONGOC_ERROR_STREAM) return true;
    const bool is_servers = error.domain == MONGOC_ERROR_SERVER || error.domain == MONGOC_ERROR_WRITE_CONCERN;
    return is_servers && asks_for_another_member(static_cast<std::int32_t>(error.code));
}

Error mongo_error(const bson_error_t& error) {
    const std::string message = error.message;
    switch (error.domain) {
        case MONGOC_ERROR_SERVER_SELECTION:
            return because(Errc::unavailable, "The store cannot be reached.", "see MongoDB.URI", message);
        case MONGOC_ERROR_STREAM:
            return because(Errc::unavailable, "The connection to the store broke.", "see MongoDB.SocketTimeout",
                           message);
        case MONGOC_ERROR_CLIENT:
            if (error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE) {
                return because(Errc::unavailable, "The store refuses its user.", "see MongoDB.User and Password",
                               message);
            }
            return because(Errc::unavailable, "The connection to the store failed.", message);
        case MONGOC_ERROR_SERVER:
        case MONGOC_ERROR_WRITE_CONCERN: return server_error(static_cast<std::int32_t>(error.code), message);
        default: return because(Errc::internal, "The store's driver failed.", message);
    }
}

}  // namespace productd
