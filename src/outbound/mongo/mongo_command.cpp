// Sessions and numbers as the specification of retryable writes has them, which the driver keeps for its own bulks
// (https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md). Calls libmongoc.
#include "outbound/mongo/mongo_command.hpp"

#include <algorithm>
#include <atomic>
#include <string_view>

namespace productd {

namespace {

using Session = std::unique_ptr<mongoc_client_session_t, DestroyedBy<mongoc_client_session_destroy>>;
using SessionOptions = std::unique_ptr<mongoc_session_opt_t, DestroyedBy<mongoc_session_opts_destroy>>;
using WriteConcern = std::unique_ptr<mongoc_write_concern_t, DestroyedBy<mongoc_write_concern_destroy>>;
using Server = std::unique_ptr<mongoc_server_description_t, DestroyedBy<mongoc_server_description_destroy>>;

/// The next of this process. A server takes what has a lower number than the last of the same session for outdated; a
/// session has one user at a time, and nothing else here is numbered.
std::int64_t next_number() {
    static std::atomic<std::int64_t> last{0};
    return ++last;
}

void set_time_is_over(bson_error_t& error) {
    constexpr int max_time_expired = 50;
    bson_set_error(&error, MONGOC_ERROR_SERVER, max_time_expired, "its time was over before it was asked for");
}

/// A session to number a write in; none where the server stands alone or has none, or where the URI forbids to repeat.
Session session_of(mongoc_client_t& driver, const mongoc_server_description_t& server) {
    const auto* uri = mongoc_client_get_uri(&driver);
    if (!mongoc_uri_get_option_as_bool(uri, MONGOC_URI_RETRYWRITES, true)) return {};
    if (std::string_view(mongoc_server_description_type(&server)) == "Standalone") return {};
    const SessionOptions options(mongoc_session_opts_new());
    mongoc_session_opts_set_causal_consistency(options.get(), false);
    bson_error_t none{};
    return Session(mongoc_client_start_session(&driver, options.get(), &none));
}

/// What is said of this call alone: its time, for its own work and for its members' confirmation.
Bson options_of(mongoc_client_t& driver, std::chrono::milliseconds time) {
    const WriteConcern concern(mongoc_write_concern_copy(mongoc_client_get_write_concern(&driver)));
    const auto given = mongoc_write_concern_get_wtimeout_int64(concern.get());
    if (given > 0) mongoc_write_concern_set_wtimeout_int64(concern.get(), std::min<std::int64_t>(given, time.count()));
    Bson options;
    options.integer("maxTimeMS", time.count());
    mongoc_write_concern_append(concern.get(), options.get());
    return options;
}

}  // namespace

bool mongo_run_write(const MongoClients::Client& client, Bson command, Deadline deadline, MongoReply& reply,
                     bson_error_t& error) {
    auto& driver = client.driver();
    const Server server(mongoc_client_select_server(&driver, true, nullptr, &error));
    if (!server) return false;
    const auto session = session_of(driver, *server);
    if (session) command.integer("txnNumber", next_number());
    for (bool is_repeated = false;; is_repeated = true) {
        const auto time = mongo_server_time(deadline);
        // What the first try failed with tells more.
        if (!time && !is_repeated) set_time_is_over(error);
        if (!time) return false;
        auto options = options_of(driver, *time);
        error = {};
        if (session && !mongoc_client_session_append(session.get(), options.get(), &error)) return false;
        if (mongoc_client_write_command_with_opts(&driver, client.database().c_str(), command.get(), options.get(),
                                                  reply.out(), &error)) {
            return true;
        }
        const bool may_repeat = mongo_may_repeat(error) || mongoc_error_has_label(&reply.get(), "RetryableWriteError");
        if (!session || is_repeated || !may_repeat) return false;
    }
}

}  // namespace productd
