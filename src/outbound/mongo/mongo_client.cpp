// The URI with our defaults, the driver's pool, and its log lines. Calls libmongoc.
#include "outbound/mongo/mongo_client.hpp"

#include <algorithm>
#include <cctype>
#include <mutex>

#include "telemetry/log.hpp"

namespace productd {

namespace {

/// What a lost connection means for a call is that call's error.
log::Level level_of(mongoc_log_level_t level) {
    switch (level) {
        case MONGOC_LOG_LEVEL_ERROR:
        case MONGOC_LOG_LEVEL_CRITICAL:
        case MONGOC_LOG_LEVEL_WARNING: return log::Level::warn;
        case MONGOC_LOG_LEVEL_MESSAGE:
        case MONGOC_LOG_LEVEL_INFO: return log::Level::info;
        case MONGOC_LOG_LEVEL_DEBUG:
        case MONGOC_LOG_LEVEL_TRACE: return log::Level::debug;
    }
    std::unreachable();
}

void write_log_line(mongoc_log_level_t level, const char* domain, const char* message, void*) {
    log::driver(level_of(level), "MongoDB's driver", message, domain);
}

/// Once a process; the driver's memory is the process's.
void start_driver() {
    static std::once_flag once;
    std::call_once(once, [] {
        mongoc_log_set_handler(write_log_line, nullptr);  // First: it has something to say then.
        mongoc_init();
    });
}

using Uri = std::unique_ptr<mongoc_uri_t, DestroyedBy<mongoc_uri_destroy>>;

void set_unless_given(mongoc_uri_t& uri, const char* option, std::chrono::milliseconds time) {
    if (mongoc_uri_has_option(&uri, option)) return;
    mongoc_uri_set_option_as_int32(&uri, option, static_cast<std::int32_t>(time.count()));
}

void set_unless_given(mongoc_uri_t& uri, const char* option, bool value) {
    if (!mongoc_uri_has_option(&uri, option)) mongoc_uri_set_option_as_bool(&uri, option, value);
}

/// How long the server waits for its members: so that its answer comes before the driver gives up on the call.
std::chrono::milliseconds confirmation_time(const mongoc_uri_t& uri) {
    constexpr std::chrono::milliseconds usual{10'000};
    const std::chrono::milliseconds socket_timeout{mongoc_uri_get_option_as_int32(&uri, MONGOC_URI_SOCKETTIMEOUTMS, 0)};
    return socket_timeout.count() > 0 ? std::clamp(socket_timeout / 2, std::chrono::milliseconds{1}, usual) : usual;
}

/// A write is answered once most members have it on disk, unless the URI says how many. Without a time-out a write
/// would wait for ever for members that are gone. Fails for writes that are not answered at all.
Result<> set_write_concern(mongoc_uri_t& uri) {
    const auto* given = mongoc_uri_get_write_concern(&uri);
    if (!mongoc_write_concern_is_acknowledged(given)) {
        return fail(invalid("MongoDB.URI must not say w=0: nothing would be known of a write."));
    }
    const std::unique_ptr<mongoc_write_concern_t, DestroyedBy<mongoc_write_concern_destroy>> concern(
        mongoc_write_concern_copy(given));
    // A URI that says but how long to wait, or whether for the journal, has said nothing of how many.
    if (mongoc_write_concern_get_w(given) == MONGOC_WRITE_CONCERN_W_DEFAULT) {
        mongoc_write_concern_set_w(concern.get(), MONGOC_WRITE_CONCERN_W_MAJORITY);
        if (!mongoc_write_concern_journal_is_set(given)) mongoc_write_concern_set_journal(concern.get(), true);
    }
    if (!mongoc_uri_has_option(&uri, MONGOC_URI_WTIMEOUTMS)) {
        mongoc_write_concern_set_wtimeout_int64(concern.get(), confirmation_time(uri).count());
    }
    mongoc_uri_set_write_concern(&uri, concern.get());
    return {};
}

/// What is decided on and answered is what is stored, and no election takes it back: most members have it, and the
/// primary is asked, whatever the URI says. A server that stands alone takes the concern as well.
void set_reads(mongoc_uri_t& uri) {
    const std::unique_ptr<mongoc_read_concern_t, DestroyedBy<mongoc_read_concern_destroy>> concern(
        mongoc_read_concern_new());
    mongoc_read_concern_set_level(concern.get(), MONGOC_READ_CONCERN_LEVEL_MAJORITY);
    mongoc_uri_set_read_concern(&uri, concern.get());
    const std::unique_ptr<mongoc_read_prefs_t, DestroyedBy<mongoc_read_prefs_destroy>> primary(
        mongoc_read_prefs_new(MONGOC_READ_PRIMARY));
    mongoc_uri_set_read_prefs_t(&uri, primary.get());
}

/// The first of what may be a port, or a password whose host was forgotten.
unsigned char byte_behind_colon(const std::string& text, std::size_t hosts) {
    const auto colon = text.find(':', hosts);
    return colon == std::string::npos || colon + 1 == text.size() ? 0 : static_cast<unsigned char>(text[colon + 1]);
}

/// The driver shows what it cannot read. That may be a password, or its rest, which is taken for a host where the
/// password has an @ or a / of its own: such a URI is refused before it is looked up under that name.
Result<Uri> uri_read(const std::string& text) {
    const auto up_to_options = text.substr(0, text.find('?'));
    const auto ats = std::ranges::count(up_to_options, '@');
    const auto scheme_end = up_to_options.find("://");
    const auto hosts = scheme_end == std::string::npos ? 0 : scheme_end + 3;
    const auto slash = up_to_options.find('/', hosts);
    const bool is_cut = slash == std::string::npos && text.find('@', up_to_options.size()) != std::string::npos;
    const bool is_clear = !is_cut && (ats == 0 || (ats == 1 && up_to_options.find('@') < slash));
    bson_error_t error{};
    Uri uri(is_clear ? mongoc_uri_new_with_error(text.c_str(), &error) : nullptr);
    if (uri) return uri;
    const bool may_show = text.find_first_of("@%") == std::string::npos && !text.contains("assword") &&
                          !text.contains("TOKEN") && !std::isalpha(byte_behind_colon(text, hosts));
    if (may_show) return fail(invalid(std::string("MongoDB.URI cannot be read: ") + error.message));
    return fail(
        invalid("MongoDB.URI cannot be read: it must be mongodb://user:password@host:port/?options, with each of "
                ":/?#[]@% in the user and the password as its %-escape."));
}

/// The URI of the settings, with our defaults.
Result<Uri> uri_of(const MongoConnection& settings) {
    start_driver();
    auto read = uri_read(settings.uri);
    if (!read) return read;
    auto& uri = *read;
    if (!settings.user.empty() && !mongoc_uri_get_username(uri.get())) {
        mongoc_uri_set_username(uri.get(), settings.user.c_str());
        mongoc_uri_set_password(uri.get(), settings.password.c_str());
    }
    set_unless_given(*uri, MONGOC_URI_CONNECTTIMEOUTMS, settings.connect_timeout);
    set_unless_given(*uri, MONGOC_URI_SOCKETTIMEOUTMS, settings.socket_timeout);
    set_unless_given(*uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, settings.server_selection_timeout);
    set_unless_given(*uri, MONGOC_URI_RETRYWRITES, true);
    // Reads are repeated where they are asked for: the driver knows no deadline that would end its own repetition.
    mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_RETRYREADS, false);
    if (!mongoc_uri_get_appname(uri.get())) mongoc_uri_set_appname(uri.get(), "productd");
    if (auto is_set = set_write_concern(*uri); !is_set) return fail(std::move(is_set).error());
    set_reads(*uri);
    return read;
}

/// A member that was asked for by its own address takes no writes unless it is the primary.
bool takes_writes(const mongoc_server_description_t& server) {
    const std::string_view type = mongoc_server_description_type(&server);
    return !type.starts_with("RS") || type == "RSPrimary";
}

using Server = std::unique_ptr<mongoc_server_description_t, DestroyedBy<mongoc_server_description_destroy>>;

void shorten(mongoc_uri_t& uri, const char* option, std::chrono::milliseconds max) {
    const auto most = static_cast<std::int32_t>(max.count());
    const auto given = mongoc_uri_get_option_as_int32(&uri, option, 0);  // Nothing, and 0, are for ever.
    mongoc_uri_set_option_as_int32(&uri, option, given > 0 ? std::min(given, most) : most);
}

}  // namespace

Result<MongoCheck> MongoCheck::open(const MongoConnection& settings) {
    auto uri = uri_of(settings);
    if (!uri) return fail(std::move(uri).error());
    for (const auto* option :
         {MONGOC_URI_CONNECTTIMEOUTMS, MONGOC_URI_SOCKETTIMEOUTMS, MONGOC_URI_SERVERSELECTIONTIMEOUTMS}) {
        shorten(**uri, option, call_limit);
    }
    return MongoCheck(std::move(*uri));
}

Result<> MongoCheck::ping() {
    bson_error_t error{};
    if (!client_) {
        client_.reset(mongoc_client_new_from_uri_with_error(uri_.get(), &error));
        if (!client_) return fail(mongo_error(error));
        mongoc_client_set_error_api(client_.get(), MONGOC_ERROR_API_VERSION_2);
    }
    Bson ping;
    ping.integer("ping", 1).integer("maxTimeMS", call_limit.count());
    MongoReply reply;
    // What it is, as it said when the driver looked last: at a connection, and once a minute.
    const bool answers = mongoc_client_command_simple(client_.get(), "admin", ping.get(), nullptr, reply.out(), &error);
    const Server server(answers ? mongoc_client_select_server(client_.get(), true, nullptr, &error) : nullptr);
    if (server && takes_writes(*server)) return {};
    client_.reset();
    if (server) return fail(mongo_takes_no_writes());
    return fail(mongo_error(error));
}

Result<std::unique_ptr<MongoClients>> MongoClients::open(const MongoConnection& settings) {
    auto uri_made = uri_of(settings);
    if (!uri_made) return fail(std::move(uri_made).error());
    const auto& uri = *uri_made;
    bson_error_t error{};
    Pool pool(mongoc_client_pool_new_with_error(uri.get(), &error));
    if (!pool) return fail(invalid(std::string("MongoDB.URI cannot be used: ") + error.message));
    mongoc_client_pool_max_size(pool.get(), static_cast<std::uint32_t>(settings.pool_size));
    mongoc_client_pool_set_error_api(pool.get(), MONGOC_ERROR_API_VERSION_2);
    return std::unique_ptr<MongoClients>(new MongoClients(std::move(pool), settings.database));
}

MongoClients::~MongoClients() {
    const MongoPatience patience(std::chrono::steady_clock::now());
    pool_.reset();
}

MongoCollection MongoClients::Client::collection() const {
    return MongoCollection(mongoc_client_get_collection(client_, clients_.database_.c_str(), collection_name));
}

Result<std::string> MongoClients::Client::server_version() const {
    Bson command;
    command.integer("buildInfo", 1);
    bson_error_t error{};
    MongoReply reply;
    if (!mongoc_client_command_simple(client_, "admin", command.get(), nullptr, reply.out(), &error)) {
        return fail(mongo_error(error));
    }
    bson_iter_t at;
    const bool has_version = bson_iter_init_find(&at, &reply.get(), "version") && BSON_ITER_HOLDS_UTF8(&at);
    return std::string(has_version ? bson_iter_utf8(&at, nullptr) : "of no version");
}

Result<MongoTopology> MongoClients::Client::topology() const {
    bson_error_t error{};
    const Server server(mongoc_client_select_server(client_, true, nullptr, &error));
    if (!server) return fail(mongo_error(error));
    if (!takes_writes(*server)) return fail(mongo_takes_no_writes());
    MongoTopology topology;
    topology.is_sharded = std::string_view(mongoc_server_description_type(server.get())) == "Mongos";
    const auto* hello = mongoc_server_description_hello_response(server.get());
    for (const char* kind : {"hosts", "passives"}) {
        bson_iter_t at, members;
        if (!bson_iter_init_find(&at, hello, kind) || !bson_iter_recurse(&at, &members)) continue;
        while (bson_iter_next(&members)) ++topology.members;
    }
    return topology;
}

}  // namespace productd
