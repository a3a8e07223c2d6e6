// Every configuration key with its type, range and meaning. Its default is where Config has it: with its module.
#include "runtime/config/config_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "domain/enumerators.hpp"
#include "runtime/config/config_rows.hpp"

namespace productd {

namespace {

using namespace config_rows;

// The choices of a switch: false and true.
constexpr std::array<Name, 2> securities{"plaintext", "tls"};
constexpr std::array<Name, 2> switches{"off", "on"};
constexpr std::array<Name, 2> truths{"false", "true"};

template <std::size_t Row>
ConfigSlot slot_of_topic(Config& config) {
    return &(config.kafka.topics.*topic_table[Row].name);
}

template <std::size_t... Rows>
constexpr auto keys_of_topics(std::index_sequence<Rows...>) {
    return std::array{text("Kafka", topic_table[Rows].key, slot_of_topic<Rows>, topic_table[Rows].about)...};
}

template <std::size_t... Sizes>
constexpr auto in_one(const std::array<ConfigKey, Sizes>&... parts) {
    std::array<ConfigKey, (Sizes + ...)> all{};
    auto end = all.begin();
    ((end = std::ranges::copy(parts, end).out), ...);
    return all;
}

#define AT(member) [](Config& config) { return slot_of(config.member); }

// clang-format off
constexpr auto keys = in_one(std::array{
    choice("", "bus", AT(engine.bus), names_of<BusEngine>, "Where events go: the embedded durable log, or Kafka"),
    choice("", "store", AT(engine.store), names_of<StoreEngine>, "Where products are kept"),
    choice("", "cache", AT(engine.cache), names_of<CacheEngine>, "What reads go through: this process's memory, or that in front of Redis"),

    text("Server", "Address", AT(server.address), "Where to listen; 0.0.0.0 is every interface, the default with MODE=DOCKER"),
    port("Server", AT(server.port), "gRPC over TLS; 0 takes a free port; also GRPC_PORT"),
    time("Server", "Timeout", AT(server.deadline_default), 10ms, 1h, "The time a call gets whose client sets no deadline"),
    in_minutes(time("Server", "MaxConnectionIdle", AT(server.connection_idle_max), 0ms, 24h, "Connections without calls are closed after this; 0 never; a bare number counts minutes")),
    in_minutes(time("Server", "MaxConnectionAge", AT(server.connection_age_max), 0ms, 24h * 30, "Connections are closed in order after this; 0 never; a bare number counts minutes")),
    time("Server", "KeepaliveTime", AT(server.keepalive_time), 1s, 24h, "A silent connection is pinged after this"),
    time("Server", "KeepaliveTimeout", AT(server.keepalive_timeout), 1s, 10min, "A ping unanswered this long closes the connection"),
    bytes("Server", "MessageBytesMax", AT(server.receive_bytes_max), kib, 64 * mib, "The largest message a call may send"),
    count("Server", "ConnectionsMax", AT(server.connections_max), 1, 1'000'000, "Connections beyond which new ones are closed at once"),
    count("Server", "StreamsMax", AT(server.calls_per_connection_max), 1, 100'000, "Calls under way of one connection; its client holds back more"),
    bytes("Server", "MemoryBytesMax", AT(server.memory_bytes_max), 16 * mib, 64 * gib, "What all gRPC connections' buffers may occupy; above it work is refused"),
    time("Server", "DeadlineMax", AT(server.deadline_max), 10ms, 24h, "Longer deadlines of clients are cut to this"),
    time("Server", "SendTimeout", AT(server.write_timeout), 10ms, 1h, "A client that takes longer over reading its answer is cut off; a connection that takes nothing, after 2 s at least"),
    time("Server", "HandshakeTimeout", AT(server.handshake_timeout), 10ms, 10min, "A client that takes longer over the TLS handshake is cut off"),
    time("Server", "MaxConnectionAgeGrace", AT(server.connection_age_grace), 0ms, 24h, "Calls that run when MaxConnectionAge is reached may end within this"),
    time("Server", "PingIntervalMin", AT(server.ping_interval_min), 0ms, 1h, "A client that pings more often is cut off"),
    count("Server", "CallsMax", AT(server.calls_in_flight_max), 1, 100'000, "Calls under way beyond which new ones are refused"),
    choice("Server", "Tls", AT(server.tls), truths, "TLS for gRPC; without it behind a proxy of this machine that has it"),
    count("Server", "Threads", AT(server.threads), 1, 256, "Threads that serve gRPC"),

    text("Http", "Address", AT(http.host), "Where to listen; 0.0.0.0 is every interface, the default with MODE=DOCKER"),
    port("Http", AT(http.port), "REST over HTTPS; 0 takes a free port; also HTTP_PORT"),
    time("Http", "Timeout", AT(http.timeouts.request), 10ms, 1h, "The time a request gets, from its last byte to its answer"),
    time("Http", "HeaderTimeout", AT(http.timeouts.header), 10ms, 1h, "A client that takes longer over its header is cut off"),
    once_named(time("Http", "BodyTimeout", AT(http.timeouts.body), 10ms, 1h, "A client that takes longer over its body is cut off; once ReadTimeout"), "ReadTimeout"),
    time("Http", "IdleTimeout", AT(http.timeouts.idle), 10ms, 24h, "A connection without a request is closed after this"),
    time("Http", "WriteTimeout", AT(http.timeouts.write), 10ms, 1h, "A client that takes longer over reading its answer is cut off"),
    time("Http", "HandshakeTimeout", AT(http.timeouts.handshake), 10ms, 10min, "A client that takes longer over the TLS handshake is cut off"),
    time("Http", "ApplyWait", AT(catalog.apply_wait), 0ms, 1min, "A write is answered `accepted` when it is not applied within this"),
    time("Http", "LookWait", AT(catalog.look_wait), 1ms, 1min, "PUT, DELETE and a POST with a key look in the store for this first, and for half of their time at most; what it does not tell, the worker decides"),
    count("Http", "ConnectionsMax", AT(http.limits.connections_max), 1, 1'000'000, "Connections beyond which the longest idle one makes room, or new ones wait; lowered with a warning to what open files allow, as is Server.ConnectionsMax"),
    count("Http", "ConnectionsPerAddress", AT(http.limits.connections_per_address_max), 0, 1'000'000, "While seven of eight connections are taken, an address that has so many gets no more; 0 is no bound"),
    choice("Http", "Http2", AT(http.http2), truths, "HTTP/2 for clients that ask for it, beside HTTP/1.1"),
    count("Http", "StreamsMax", AT(http.limits.streams_max), 1, 10'000, "Requests of an HTTP/2 connection at a time; its client holds back more"),
    count("Http", "HeadersMax", AT(http.limits.headers_max), 1, 100'000, "Header lines of a request; 431 above"),
    count("Http", "RequestsMax", AT(http.limits.requests_in_flight_max), 1, 1'000'000, "Requests being answered beyond which new ones get 503"),
    count("Http", "ApplyWaitsMax", AT(catalog.outcome_waits_max), 1, 1'000'000, "Writes that wait for ApplyWait; more are answered `accepted` at once"),
    time("Http", "LingerTimeout", AT(http.timeouts.linger), 0ms, 1min, "A refused client may read why for this long, and is cut off then"),
    choice("Http", "AccessLog", AT(http.exchange.access_log), names_of<AccessLog>, "Which requests make a log line; failures are answers from 400 on"),
    list("Http", "CorsOrigins", AT(http.exchange.cors_origins), "Origins whose pages may call, such as https://shop.example; * for all, empty for none"),
    count("Http", "Threads", AT(io_threads), 1, 256, "Threads that serve REST"),

    text("Metrics", "Address", AT(metrics.host), "Where to listen; 0.0.0.0 is every interface, the default with MODE=DOCKER"),
    port("Metrics", AT(metrics.port), "Prometheus text without TLS; 0 takes a free port"),
    choice("Metrics", "OnApi", AT(rest.metrics_on_api), truths, "Whether the port of REST serves /metrics too"),
    count("Metrics", "ConnectionsMax", AT(metrics.limits.connections_max), 1, 1'000'000, "Connections beyond which the longest idle one makes room, or new ones wait"),

    count("Admin", "ConnectionsMax", AT(admin.limits.connections_max), 1, 10'000, "Commands connected beyond which the longest idle one makes room, or new ones wait"),
    time("Admin", "Timeout", AT(admin.timeouts.request), 10ms, 1h, "The time a command's question gets"),
    time("Admin", "IdleTimeout", AT(admin.timeouts.idle), 10ms, 24h, "A command's connection without a question is closed after this"),

    bytes("Limits", "body_bytes_max", AT(http.limits.body_bytes_max), kib, 64 * mib, "The largest body of a request"),
    bytes("Limits", "header_bytes_max", AT(http.limits.header_bytes_max), kib, 8 * mib, "The largest header of a request"),
    bytes("Limits", "requests_bytes_max", AT(requests_bytes_max), mib, 64 * gib, "What all requests under way, HTTP and gRPC, may occupy together; above it new ones get 503 or RESOURCE_EXHAUSTED"),
    bytes("Limits", "answers_bytes_max", AT(answers_bytes_max), mib, 64 * gib, "What all answers to GET that are not read yet may occupy together; above it larger ones than 16 KiB are 503"),
    time("Limits", "answer_time", AT(catalog.answer_time), 0ms, 1min, "While most reads of the store, searches or writes take longer than this, new ones beyond what is answered in it get 503 or UNAVAILABLE; 0 never"),
    bytes("Limits", "product_bytes_max", AT(catalog.product_bytes_max), 4 * kib, 768 * kib, "The largest encoded form of a product"),

    count("Search", "CountMax", AT(catalog.search_count_max), 100, 10'000'000, "Counting the matches of a search stops here; the answer says so"),
    count("Search", "TextMax", AT(catalog.search_text_max), 1, 1'500, "Characters of a search's text; what is longer is refused, or fits no product at all"),
    time("Search", "TimeMax", AT(store.search_time_max), 10ms, 10min, "A search that takes longer is given up"),

    count("Feed", "WatchersMax", AT(feed.watchers_max), 1, 100'000, "Requests for changes at a time, those that wait included, beyond which new ones get 429"),
    bytes("Feed", "TailBytesMax", AT(feed.tail_bytes_max), mib, 4 * gib, "The latest changes in memory, for those who wait for the next"),
    time("Feed", "StreamAge", AT(feed.stream_age), 1s, 24h, "Streams of changes end in order after this; their clients go on with another"),
    time("Feed", "Heartbeat", AT(feed.heartbeat), 100ms, 5min, "A stream on which nothing happens says so this often, and where it stands"),
    count("Feed", "ChangesMax", AT(store.changes_max), 1'000, 1'000'000'000, "Changes that the embedded store remembers the order of, some 20 bytes each; who is further behind begins anew"),

    count("Worker", "Parallelism", AT(worker.parallelism), 1, 256, "Batches applied at the same time"),
    count("Worker", "BatchMax", AT(worker.batch_max), 1, 10'000, "Messages in one write to the store"),
    count("Worker", "InFlightMax", AT(worker.in_flight_max), 1, 1'000'000, "Messages read and unfinished beyond which reading is held back"),
    bytes("Worker", "InFlightBytesMax", AT(worker.in_flight_bytes_max), 4 * mib, 4 * gib, "Their bytes beyond which reading is held back"),
    count("Worker", "LaneMax", AT(worker.lane_max), 1, 1'000'000, "Messages of one product beyond which its partitions are held back"),
    time("Worker", "NotFoundWait", AT(worker.not_found_wait), 0ms, 1h, "A change of an unknown product waits this long for its create, then is a dead letter"),
    count("Worker", "ParkedMax", AT(worker.parked_max), 1, 100'000, "Such waiting changes, for each partition"),
    bytes("Worker", "ParkedBytesMax", AT(worker.parked_bytes_max), 64 * kib, 4 * gib, "Their bytes, for each partition"),
    time("Worker", "ItemRetryLimit", AT(worker.item_retry_limit), 1s, 24h * 7, "A change that alone keeps failing this long, and ItemAttemptsMax times, is a dead letter"),
    count("Worker", "ItemAttemptsMax", AT(worker.item_attempts_max), 1, 10'000, "See ItemRetryLimit"),
    time("Worker", "BackoffMin", AT(worker.breaker.backoff.min), 1ms, 1min, "The first pause before a retry; it doubles, with jitter"),
    time("Worker", "BackoffMax", AT(worker.breaker.backoff.max), 10ms, 1h, "The longest pause before a retry"),
    time("Worker", "CallTimeout", AT(worker.call_timeout), 10ms, 10min, "A bulk call of the store that takes longer is given up and tried again in parts"),
    time("Worker", "DrainLimit", AT(worker.drain_limit), 0ms, 10min, "Running calls may end within this when the worker stops or hands partitions over; at most Shutdown.Timeout"),
    time("Worker", "OldestUnfinishedMax", AT(oldest_unfinished_max), 1s, 24h * 30, "An event older than this and not finished makes the service not ready; keep it above ItemRetryLimit"),
    count("Worker", "LettersPerCall", AT(worker.letters_per_call_max), 1, 10'000, "Dead letters written in one call"),
    time("Worker", "CommitInterval", AT(worker.commit_interval), 1ms, 1min, "How often finished work is committed"),

    bytes("Log", "BytesMax", AT(log.log_bytes_max), 16 * mib, 4'096 * gib, "Size of the event log beyond which writes are refused with 503"),
    time("Log", "Retention", AT(log.age_max), 1min, 24h * 365, "Finished events are kept this long; of Kafka's topics too where `topics create` makes them"),
    bytes("Log", "DeadLetterReserve", AT(log.dead_letter_reserve()), 8 * mib, 1'024 * gib, "Room for dead letters beyond BytesMax"),
    count("Log", "QueueMax", AT(log.queue_records_max), 1, 1'000'000, "Messages waiting to be written beyond which new ones are refused with 429"),
    bytes("Log", "QueueBytesMax", AT(log.queue_bytes_max), mib, 4 * gib, "Their bytes beyond which new ones are refused with 429"),
    count("Log", "Partitions", AT(kafka.partitions), 1, 64, "Partitions of a topic made at the first start, or by `topics create` (also with bus: kafka)"),
    bytes("Log", "MessageBytesMax", AT(log.record_bytes_max), mib, 64 * mib, "The largest message: key, value and headers"),

    time("Store", "TombstoneTtl", AT(store.tombstone_ttl), 1min, 24h * 3'650, "A deleted product is remembered this long; keep it above Log.Retention by a day"),
    bytes("Store", "WalBytesMax", AT(store.wal_bytes_max), 16 * mib, 64 * gib, "Size of store.db-wal beyond which writes are refused with 503, because another program keeps store.db open in a read"),
    count("Store", "ReadQueueMax", AT(store.read_queue_max), 1, 1'000'000, "Reads of the embedded store waiting or running; more fail at once"),
    count("Store", "WriteQueueMax", AT(store.write_queue_max), 1, 1'000'000, "Products waiting to be written to the embedded store; more fail at once"),
    count("Store", "ReaderThreads", AT(store.reader_threads), 1, 64, "Threads that read the store"),

    bytes("Cache", "BytesMax", AT(cache.bytes_max), 0, 64 * gib, "Memory for cached products; 0 caches nothing"),
    time("Cache", "Ttl", AT(cache.ttl), 1s, 24h * 30, "A cached product is read anew after this, give or take a tenth"),
    time("Cache", "NegativeTtl", AT(cache.negative_ttl), 0ms, 1h, "The same for an id that is not stored"),

    text("Data", "Dir", AT(data.dir), "Folder of the embedded engine's files"),

    text("Tls", "CertFile", AT(tls.cert_file), "Certificate chain (PEM); one for localhost is made when it and the key are not at their default places"),
    text("Tls", "KeyFile", AT(tls.key_file), "Its private key (PEM)"),
    text("Tls", "ClientCaFile", AT(tls.client_ca_file), "Who signs the certificates of clients (PEM), which REST and gRPC then ask for; empty: nobody is asked", 0),
    choice("Tls", "ClientCertificates", AT(tls.client_certificates), names_of<ClientCertificates>, "Whether a client without a certificate is refused, where they are asked for"),

    choice("Logger", "Level", AT(logger.level), names_of<log::Level>, "The least level that is written; SIGHUP reads it again, and `productd log-level` changes it while the service runs"),
    choice("Logger", "Encoding", AT(logger.encoding), names_of<LogEncoding>,
           "One JSON object a line, or text for a person; auto is text on a terminal and JSON elsewhere"),
    count("Logger", "QueueMax", AT(logger.queue_lines_max), 1, 1'000'000, "Lines waiting to be written, and 16 MiB of them; when it is full the oldest are dropped and counted"),
    ratio("Logger", "AccessSample", AT(logger.access.ratio), "Of the requests and calls that go well and are quick, how many have a line in the log, which then says for how many it stands (`sample`)"),
    time("Logger", "AccessSlow", AT(logger.access.slow), 0ms, 1h, "What takes as long has a line whatever AccessSample says, as has every failure: answers from 400 on, codes other than OK"),

    text("Tracing", "Endpoint", AT(tracing.otlp.endpoint), "Where the collector is, host:4317, with https:// before it over TLS; empty: nothing is traced; also OTEL_EXPORTER_OTLP_ENDPOINT", 0),
    choice("Tracing", "Disabled", AT(tracing.is_disabled), truths, "Whether nothing is traced though there is an endpoint; also OTEL_SDK_DISABLED"),
    choice("Tracing", "Sampler", AT(tracing.sampler), names_of<Sampler>, "Which traces are recorded: parentbased ones leave it to who began them; also OTEL_TRACES_SAMPLER"),
    ratio("Tracing", "SampleRatio", AT(tracing.sample_ratio), "Of the traces that begin here, for the samplers by ratio; also OTEL_TRACES_SAMPLER_ARG"),
    text("Tracing", "ServiceName", AT(tracing.service_name), "What this service is called in traces; also OTEL_SERVICE_NAME"),
    text("Tracing", "Attributes", AT(tracing.attributes), "More of the resource, key=value,key=value; also OTEL_RESOURCE_ATTRIBUTES", 0),
    secret(text("Tracing", "Headers", AT(tracing.headers), "Sent with each request to the collector, key=value,key=value; also OTEL_EXPORTER_OTLP_HEADERS", 0)),
    text("Tracing", "CaFile", AT(tracing.otlp.ca_file), "Whom to trust (PEM) with https://; empty: whom the system trusts; also OTEL_EXPORTER_OTLP_CERTIFICATE", 0),
    time("Tracing", "Interval", AT(tracing.otlp.interval), 10ms, 1min, "How often what has ended is sent, earlier where BatchMax has"),
    time("Tracing", "Timeout", AT(tracing.otlp.timeout), 10ms, 10min, "How long the collector may take over a request"),
    count("Tracing", "BatchMax", AT(tracing.otlp.batch_spans_max), 1, 100'000, "Spans in a request, and at most half of QueueMax"),
    count("Tracing", "QueueMax", AT(tracing.queue_spans_max), 1, 10'000'000, "Spans that wait to be sent; those beyond are dropped and counted"),

    time("Shutdown", "Timeout", AT(shutdown.timeout), 1s, 10min, "After SIGTERM the process ends within this"),
    time("Shutdown", "LameDuck", AT(shutdown.lame_duck), 0ms, 9min, "For this part of Timeout it goes on taking requests, but says that it is not ready, so that a balancer sends no more"),

    choice("Health", "StoreDown", AT(health.store_down), names_of<StoreDown>, "What readiness says while the store does not answer: not ready, or ready as long as the log takes writes"),

    list("Kafka", "Brokers", AT(kafka.connection.brokers), "Where to find the brokers, host:port each"),
    text("Kafka", "ClientId", AT(kafka.connection.client_id), "What the brokers call this service in their logs and quotas"),
    text("Kafka", "GroupId", AT(kafka.group), "The consumer group whose members share the partitions"),
    text("Kafka", "GroupInstance", AT(kafka.group_instance), "A name that is this instance's alone keeps its partitions over a quick restart; empty for none", 0),
    choice("Kafka", "Security", AT(kafka.connection.tls), securities, "Whether to speak TLS"),
    choice("Kafka", "Mechanism", AT(kafka.connection.mechanism), names_of<KafkaMechanism>, "How to log in (SASL); Debian's librdkafka cannot by SCRAM to Kafka 4"),
    text("Kafka", "User", AT(kafka.connection.user), "Who logs in", 0),
    secret(text("Kafka", "Password", AT(kafka.connection.password), "Its password; better from PasswordFile", 0)),
    text("Kafka", "TlsCaFile", AT(kafka.connection.ca_file), "Whom to trust (PEM); empty: whom the system trusts", 0),
    text("Kafka", "TlsCertFile", AT(kafka.connection.certificate_file), "The certificate to show (PEM), where the brokers ask for one", 0),
    text("Kafka", "TlsKeyFile", AT(kafka.connection.key_file), "Its private key (PEM)", 0),
    count("Kafka", "Replicas", AT(kafka.replicas), 1, 15, "Brokers that keep a topic made by `topics create`; 3 with MinInsyncReplicas 2 survives the loss of any one"),
    count("Kafka", "MinInsyncReplicas", AT(kafka.in_sync_min), 1, 15, "Of these, how many must have a write before it is acknowledged"),
    time("Kafka", "SessionTimeout", AT(kafka.session_timeout), 1s, 30min, "An instance silent this long loses its partitions to the others; brokers allow 6s to 30m unless told otherwise"),
    time("Kafka", "DeliveryTimeout", AT(kafka.delivery_timeout), 100ms, 10min, "A write no broker acknowledges this long is answered 503, or 504 if it may still come; keep it below Http.Timeout"),
    count("Kafka", "QueueMax", AT(kafka.queue_max), 1, 1'000'000, "Questions to the brokers, and commits, waiting or running; more fail at once"),
    bytes("Kafka", "BufferBytesMax", AT(kafka.buffer_bytes_max), mib, 2 * gib, "Writes on their way to the brokers beyond which new ones are refused with 503"),
    bytes("Kafka", "PrefetchBytesMax", AT(kafka.prefetch_bytes_max), mib, 2 * gib, "About how much is fetched ahead, shared out among Log.Partitions (4 at least) of each topic"),
}, keys_of_topics(std::make_index_sequence<topic_table.size()>{}), std::array{
    secret(text("MongoDB", "URI", AT(mongo.uri), "Where to find the servers, and connection options"), Secret::in_uri),
    text("MongoDB", "User", AT(mongo.user), "User name; empty for none", 0),
    secret(text("MongoDB", "Password", AT(mongo.password), "Its password; better from PasswordFile", 0)),
    text("MongoDB", "DB", AT(mongo.database), "The database"),
    choice("MongoDB", "FirstGenerationIndexes", AT(mongo.first_generation_indexes), truths, "Makes the indexes of the older service as well, which serve no query here and slow every write"),
    count("MongoDB", "PoolSize", AT(mongo.pool_size), 2, 1'000, "Threads that use it, and connections to each server at most; checks have one more"),
    count("MongoDB", "QueueMax", AT(mongo_queue_max), 1, 1'000'000, "Calls waiting or running; more fail at once"),
    time("MongoDB", "ConnectTimeout", AT(mongo.connect_timeout), 10ms, 10min, "How long connecting may take; connectTimeoutMS of the URI wins, as for the two below"),
    time("MongoDB", "SocketTimeout", AT(mongo.socket_timeout), 10ms, 1h, "A call without a deadline that gets no answer this long has failed"),
    time("MongoDB", "ServerSelectionTimeout", AT(mongo.server_selection_timeout), 10ms, 10min, "A call waits this long for a server that can take it"),

    secret(once_named(text("Redis", "Address", AT(redis_address), "Where to find the server, host:port; once RedisAddr"), "RedisAddr"), Secret::in_uri),
    text("Redis", "User", AT(redis.user), "Who asks (ACL); empty is the server's default user", 0),
    secret(text("Redis", "Password", AT(redis.password), "Its password; better from PasswordFile", 0)),
    count("Redis", "DB", AT(redis.database), 0, 1'000, "The number of the database"),
    choice("Redis", "Tls", AT(redis.tls), switches, "Whether to speak TLS"),
    text("Redis", "TlsCaFile", AT(redis.ca_file), "Whom to trust (PEM); empty: whom the system trusts", 0),
    text("Redis", "TlsCertFile", AT(redis.certificate_file), "The certificate to show (PEM), where the server asks for one", 0),
    text("Redis", "TlsKeyFile", AT(redis.key_file), "Its private key (PEM)", 0),
    time("Redis", "ConnectTimeout", AT(redis.connect_timeout), 10ms, 1min, "How long connecting may take, with its TLS handshake, before it is tried anew"),
    time("Redis", "Timeout", AT(redis.timeout), 5ms, 1min, "Without an answer for so long Redis counts as down, and reads go to the store"),
    count("Redis", "InFlightMax", AT(redis.in_flight_max), 1, 1'000'000, "Outcomes told to other instances and not yet taken; those beyond are not told, and who waits looks in the store"),
});
// clang-format on

#undef AT

}  // namespace

std::string ConfigKey::path() const {
    return section.empty() ? std::string(name) : std::string(section) + '.' + std::string(name);
}

std::span<const ConfigKey> config_keys() { return keys; }

std::string folded_name(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        if (c == '_' || c == '-') continue;
        plain += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return plain;
}

}  // namespace productd
