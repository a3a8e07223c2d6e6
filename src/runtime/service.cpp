// The composition root: a bill of materials, read top to bottom. Calls every module below.
#include "runtime/service.hpp"

#include "app/catalog/direct_catalog.hpp"
#include "inbound/admin/admin_api.hpp"
#include "inbound/grpc/grpc_server.hpp"
#include "inbound/http/http_server.hpp"
#include "inbound/rest/rest_api.hpp"
#include "runtime/cache_and_outcomes.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/engine.hpp"
#include "runtime/health/health_watch.hpp"
#include "runtime/health/listeners_check.hpp"
#include "runtime/health/worker_checks.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/metrics/cache_metrics.hpp"
#include "runtime/metrics/process_metrics.hpp"
#include "runtime/metrics/sqlite_metrics.hpp"
#include "runtime/metrics/worker_ages.hpp"
#include "runtime/metrics/worker_report.hpp"
#include "runtime/open_files.hpp"
#include "runtime/served_certificate.hpp"
#include "runtime/service_settings.hpp"
#include "runtime/system_ports.hpp"
#include "runtime/welcome.hpp"
#include "telemetry/log.hpp"

namespace productd {

/// Members are destroyed in reverse: what is used stands before what uses it.
struct Service::Parts {
    explicit Parts(Config given) : config(std::move(given)) {}

    Config config;
    SystemClock clock;
    ProcessIds ids;
    Metrics metrics;
    std::shared_ptr<ProcessMetrics> process_metrics = std::make_shared<ProcessMetrics>();
    std::shared_ptr<SqliteMetrics> sqlite_metrics = std::make_shared<SqliteMetrics>();
    std::shared_ptr<WorkerAges> worker_ages;
    std::shared_ptr<CacheMetrics> cache_metrics;
    ServedCertificate certificate;
    std::shared_ptr<ByteBudget> requests_bytes = std::make_shared<ByteBudget>(config.requests_bytes_max);

    std::optional<DataDirectory> data;
    std::unique_ptr<ProductStore> store;
    std::unique_ptr<CacheAndOutcomes> caching;  ///< The cache and the outcomes.
    std::unique_ptr<MessageLog> log;

    std::optional<ChangeApplier> applier;
    std::optional<IoThreads> work_loop;  ///< The worker's.
    std::optional<IoThreads> io_loops;   ///< The servers'.
    std::optional<WorkerReport> worker_report;
    std::optional<MessageWorker> worker;
    ProgressWatch progress;
    std::future<void> worker_ended;

    std::optional<Catalog> catalog;
    std::optional<LateWrites> late_writes;
    std::optional<DirectCatalog> direct_catalog;
    ListenersCheck listeners;
    Readiness readiness;
    std::optional<RestApi> rest_api;
    std::optional<AdminApi> admin_api;
    std::unique_ptr<GrpcServer> grpc;
    std::optional<HttpServer> http;
    std::optional<HttpServer> metrics_http;
    std::optional<HttpServer> admin;
    std::optional<HealthWatch> health;
    bool listeners_stopped = false;

    Result<> open_data();
    void start_worker();
    asio::awaitable<void> work();
    void assemble_use_cases();
    Result<> listen();
    bool stop_listeners(Deadline deadline);
    bool stop_worker(Deadline deadline);
};

Service::Service(Config config) : parts_(std::make_unique<Parts>(std::move(config))) {}

Service::~Service() {
    if (parts_) stop();
}

Result<> Service::start() {
    auto& parts = *parts_;
    if (const auto lowered = fit_connections(parts.config, raise_open_files()); !lowered.empty()) log::warn(lowered);
    if (auto opened = parts.open_data(); !opened) return opened;
    parts.assemble_use_cases();
    parts.start_worker();
    return parts.listen();
}

Result<> Service::Parts::open_data() {
    auto directory = DataDirectory::open(config.data.dir);
    if (!directory) return fail(std::move(directory.error()));
    data.emplace(std::move(*directory));

    if (auto loaded = certificate.load(config, std::chrono::system_clock::now()); !loaded) return loaded;

    auto opened_store = open_store(config, sqlite_metrics.get());
    if (!opened_store) return fail(std::move(opened_store.error()));
    store = std::move(*opened_store);
    auto opened_cache = open_cache(config, ids);
    if (!opened_cache) return fail(std::move(opened_cache.error()));
    caching = std::move(*opened_cache);

    auto opened_log = open_message_log(config, sqlite_metrics.get());
    if (!opened_log) return fail(std::move(opened_log.error()));
    log = std::move(*opened_log);
    work_loop.emplace("worker", 1);
    return wait_for(work_loop->executor(), prepare_topics(*log, config));
}

void Service::Parts::assemble_use_cases() {
    io_loops.emplace("io", config.io_threads);
    auto& cache = caching->cache();
    auto& outcomes = caching->outcomes();
    applier.emplace(*store, cache, config.catalog.product_bytes_max);
    worker_report.emplace(metrics);
    worker.emplace(WorkerPorts{*log, *store, *applier, outcomes, *worker_report, clock}, worker_settings(config),
                   work_loop->executor());
    catalog.emplace(CatalogPorts{*store, cache, *log, outcomes, *worker, clock, ids}, catalog_settings(config));
    late_writes.emplace(*store, cache, work_loop->executor());
    direct_catalog.emplace(*applier, *store, *late_writes, clock, ids, config.catalog.product_bytes_max);

    readiness.add("store", Readiness::Weight::essential, [this] { return store->check(); });
    readiness.add("log", Readiness::Weight::essential, [this] { return log->check(); });
    readiness.add("cache", Readiness::Weight::degrading, [this] { return caching->check(); });
    readiness.add("worker", Readiness::Weight::degrading, [this] { return check_worker(*worker); });
    readiness.add("progress", Readiness::Weight::essential,
                  [this] { return check_progress(*worker, progress, config.oldest_unfinished_max); });
    readiness.add("listeners", Readiness::Weight::essential, [this] { return listeners.check(); });

    worker_ages = std::make_shared<WorkerAges>(*worker, progress);
    cache_metrics = std::make_shared<CacheMetrics>(*caching);
    metrics.add_source(process_metrics);
    metrics.add_source(worker_ages);
    metrics.add_source(cache_metrics);
    metrics.add_source(sqlite_metrics);
}

void Service::Parts::start_worker() { worker_ended = asio::co_spawn(work_loop->executor(), work(), asio::use_future); }

asio::awaitable<void> Service::Parts::work() {
    TaskGroup beside(work_loop->executor());
    beside.spawn(late_writes->run());
    beside.spawn(certificate.watch());
    co_await worker->run();
    late_writes->stop();
    certificate.stop();
    co_await beside.join();
}

Result<> Service::Parts::listen() {
    const auto loops = io_loops->executors();
    rest_api.emplace(*catalog, readiness, metrics);
    admin_api.emplace(*log, store.get());
    const auto rest_on = [this](RestApi::Listener listener) {
        return [this, listener](HttpRequest request) { return rest_api->handle(std::move(request), listener); };
    };
    const auto commands = [this](HttpRequest request) { return admin_api->handle(std::move(request)); };

    admin.emplace(admin_settings(config), commands, metrics, loops);
    if (auto started = admin->start(); !started) return started;
    metrics_http.emplace(metrics_settings(config, requests_bytes), rest_on(RestApi::Listener::metrics), metrics, loops);
    if (auto started = metrics_http->start(); !started) return started;
    auto started_grpc = GrpcServer::start(grpc_settings(config, certificate.current(), requests_bytes), *catalog,
                                          *direct_catalog, metrics, loops);
    if (!started_grpc) return fail(std::move(started_grpc.error()));
    grpc = std::move(*started_grpc);
    certificate.show_on(*grpc);
    http.emplace(http_settings(config, certificate.tls(), requests_bytes), rest_on(RestApi::Listener::api), metrics,
                 loops);
    if (auto started = http->start(); !started) return started;
    listeners.watch("gRPC", config.server.address, grpc->port());
    listeners.watch("REST", config.http.host, http->port());
    health.emplace(work_loop->executor(), HealthPorts{readiness, *log, progress, metrics}, group_id(config),
                   topic_names(config).sources(), [this](bool is_ready) { grpc->set_serving(is_ready); });
    return {};
}

ServicePorts Service::ports() const {
    return {parts_->http->port(), parts_->grpc->port(), parts_->metrics_http->port()};
}

std::string Service::welcome() const {
    const auto& executor = parts_->work_loop->executor();
    const auto report = asio::co_spawn(executor, parts_->readiness.check_all(), asio::use_future).get();
    return welcome_text(parts_->config, parts_->certificate.current(), ports(), report);
}

void Service::reload() { parts_->certificate.reload(); }

// ---------------------------------------------------------------------------------------------- stop

bool Service::Parts::stop_listeners(Deadline deadline) {
    if (std::exchange(listeners_stopped, true)) return true;
    bool is_clean = true;
    if (health) health->stop();
    for (auto* server : {&http, &metrics_http, &admin}) {
        if (!*server) continue;
        is_clean = wait_for(io_loops->executor(), (*server)->stop(deadline)) == 0 && is_clean;
    }
    const auto left = deadline - std::chrono::steady_clock::now();
    if (grpc) grpc->stop(std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(left));
    return is_clean;
}

bool Service::Parts::stop_worker(Deadline deadline) {
    if (!worker_ended.valid()) return true;
    asio::post(work_loop->executor(), [this] { worker->stop(); });
    if (worker_ended.wait_until(deadline) == std::future_status::ready) {
        worker_ended.get();
        return true;
    }
    log::error("The worker did not end in time: what it holds is delivered again at the next start");
    return false;
}

Service::Stopped Service::stop() {
    auto& parts = *parts_;
    const auto now = std::chrono::steady_clock::now();
    const auto deadline = now + parts.config.shutdown.timeout;
    // Half of the time is for slow clients, the rest for what they were promised: the worker and the last commit.
    const bool listeners_ended = parts.stop_listeners(now + parts.config.shutdown.timeout / 2);
    if (!parts.stop_worker(deadline)) return Stopped::cut_worker;
    if (parts.log && !parts.log->close(deadline)) {
        log::warn("The log did not close in time: the group gives our partitions to others once our session is over");
        return Stopped::cut_log;
    }
    if (parts.caching) parts.caching->stop();
    // Nothing of the loops may run while the parts are taken apart.
    if (parts.io_loops) parts.io_loops->stop();
    if (parts.work_loop) parts.work_loop->stop();
    return listeners_ended ? Stopped::clean : Stopped::cut_clients;
}

}  // namespace productd
