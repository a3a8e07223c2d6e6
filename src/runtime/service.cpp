// The composition root: a bill of materials, read top to bottom. Calls every module below.
#include "runtime/service.hpp"

#include "inbound/admin/admin_api.hpp"
#include "inbound/grpc/grpc_server.hpp"
#include "inbound/http/http_server.hpp"
#include "inbound/rest/rest_api.hpp"
#include "runtime/cache_and_outcomes.hpp"
#include "runtime/certificate/served_certificate.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/engine.hpp"
#include "runtime/health/health_watch.hpp"
#include "runtime/health/listeners_check.hpp"
#include "runtime/health/service_checks.hpp"
#include "runtime/health/store_history.hpp"
#include "runtime/health/worker_checks.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/metrics/metric_sources.hpp"
#include "runtime/metrics/worker_report.hpp"
#include "runtime/observed_ports.hpp"
#include "runtime/open_files.hpp"
#include "runtime/running_worker.hpp"
#include "runtime/service_settings.hpp"
#include "runtime/stop/stop_servers.hpp"
#include "runtime/system_ports.hpp"
#include "runtime/use_cases.hpp"
#include "runtime/welcome.hpp"
#include "telemetry/log.hpp"

namespace productd {

/// Members are destroyed in reverse: what is used stands before what uses it.
struct Service::Parts {
    Parts(Config given, std::shared_ptr<StopProgress> told)
        : config(std::move(given)), progress_of_stop(std::move(told)) {}

    Config config;
    SystemClock clock;
    ProcessIds ids;
    Metrics metrics;
    std::shared_ptr<SqliteMetrics> sqlite_metrics = std::make_shared<SqliteMetrics>();
    std::optional<MetricSources> metric_sources;
    ServedCertificate certificate;
    std::shared_ptr<ByteBudget> requests_bytes = std::make_shared<ByteBudget>(config.requests_bytes_max);

    std::optional<DataDirectory> data;
    OpenedStore kept;                           ///< The store, and the feed of its changes.
    std::unique_ptr<CacheAndOutcomes> caching;  ///< The cache and the outcomes.
    std::unique_ptr<MessageLog> log;
    std::optional<ObservedPorts> observed;  ///< Those three as most parts below see them.
    std::optional<StoreHistory> history;    ///< Of a store that is a file: whether it has what the log calls finished.

    StoreHealth store_health;
    std::optional<ChangeApplier> applier;  ///< The worker's.
    std::optional<IoThreads> work_loop;    ///< The worker's.
    std::optional<IoThreads> io_loops;     ///< The servers'.
    std::optional<WorkerReport> worker_report;
    std::optional<MessageWorker> worker;
    ProgressWatch progress;

    ListenersCheck listeners;
    std::optional<UseCases> use_cases;
    std::optional<RunningWorker> running_worker;
    Readiness readiness;
    std::optional<RestApi> rest_api;
    std::optional<AdminApi> admin_api;
    std::unique_ptr<GrpcServer> grpc;
    std::optional<HttpServer> http, metrics_http, admin;
    std::optional<HealthWatch> health;
    std::shared_ptr<StopProgress> progress_of_stop;
    std::optional<Stopped> stopped;

    Result<> open_data();
    Result<> take_up(SqliteProductStore* file);
    void start_worker();
    void assemble_use_cases();
    Result<> listen();
    void be_a_lame_duck();
    bool stop_listeners(Deadline deadline);
    Stopped stop();
};

Service::Service(Config config, std::shared_ptr<StopProgress> progress)
    : parts_(std::make_unique<Parts>(std::move(config), std::move(progress))) {}

Service::~Service() {
    if (parts_) stop();
}

Result<> Service::start() {
    auto& parts = *parts_;
    const auto lowered = fit_connections(parts.config, raise_open_files());
    if (auto opened = parts.open_data(); !opened) return opened;
    if (!lowered.empty()) log::warn(lowered);
    parts.assemble_use_cases();
    parts.start_worker();
    if (auto listening = parts.listen(); !listening) return listening;
    parts.health->tell(parts.io_loops->executor(), [&parts](bool is_ready) { parts.grpc->set_serving(is_ready); });
    return {};
}

Result<> Service::Parts::open_data() {
    auto directory = DataDirectory::open(config.data.dir);
    if (!directory) return fail(std::move(directory.error()));
    data.emplace(std::move(*directory));
    if (auto loaded = certificate.load(config, std::chrono::system_clock::now()); !loaded) return loaded;

    auto opened_store = open_store(config, sqlite_metrics.get());
    if (!opened_store) return fail(std::move(opened_store.error()));
    kept = std::move(*opened_store);
    auto opened_cache = open_cache(config, ids, metrics);
    if (!opened_cache) return fail(std::move(opened_cache.error()));
    caching = std::move(*opened_cache);
    auto opened_log = open_message_log(config, OpenedBy::service, sqlite_metrics.get());
    if (!opened_log) return fail(std::move(opened_log.error()));
    log = std::move(*opened_log);
    work_loop.emplace("worker", 1);
    if (auto taken = take_up(kept.file); !taken) return taken;
    return wait_for(work_loop->executor(), prepare_topics(*log, config));
}

Result<> Service::Parts::take_up(SqliteProductStore* file) {
    if (file == nullptr) return {};
    const auto committed = log_is_kafka(config) ? Committed::by_a_group : Committed::by_this_one;
    history.emplace(*log, *file, group_id(config), committed);
    return wait_for(work_loop->executor(), history->begin());
}

void Service::Parts::assemble_use_cases() {
    io_loops.emplace("io", config.io_threads);
    observed.emplace(config, metrics, *kept.store, caching->cache(), *log);
    auto& cache = observed->cache();
    auto& outcomes = caching->outcomes();
    applier.emplace(observed->store(), cache, config.catalog.product_bytes_max);
    worker_report.emplace(metrics, observed->process_spans());
    worker.emplace(
        WorkerPorts{observed->log(), observed->store(), *applier, outcomes, *worker_report, clock, *observed->tracer()},
        worker_settings(config), work_loop->executor());
    use_cases.emplace(CatalogPorts{observed->store(), cache, observed->log(), outcomes, *worker, clock, ids},
                      *kept.feed, store_health, metrics, catalog_settings(config), config.feed, work_loop->executor());
    add_checks(readiness, {*kept.store, *log, *caching, *worker, *worker_report, progress, store_health, listeners},
               config);
    if (history) readiness.add("history", [this] { return history->weight(); }, [this] { return history->check(); });
    if (store_is_for_one_instance(config)) add_partitions_check(readiness, *worker, progress);

    metric_sources.emplace(metrics, std::make_shared<ProcessMetrics>(), sqlite_metrics,
                           std::make_shared<WorkerAges>(*worker, progress), std::make_shared<CacheMetrics>(*caching),
                           std::make_shared<LoadMetrics>(use_cases->catalog, use_cases->direct),
                           std::make_shared<FeedMetrics>(use_cases->feed),
                           std::make_shared<ServiceMetrics>(readiness, certificate, config.engine),
                           std::make_shared<TracingMetrics>(*observed));
}

void Service::Parts::start_worker() {
    running_worker.emplace(*worker, use_cases->late_writes, use_cases->feed, certificate, work_loop->executor());
    health.emplace(work_loop->executor(), HealthPorts{readiness, *log, progress, clock, metrics}, group_id(config),
                   topic_names(config), [this](const auto& report) { note_store(store_health, report); });
}

Result<> Service::Parts::listen() {
    const auto loops = io_loops->executors();
    rest_api.emplace(use_cases->catalog, use_cases->feed, readiness, metrics, config.rest,
                     Cors(config.http.exchange.cors_origins));
    admin_api.emplace(observed->log(), kept.store.get());
    const auto rest_on = [this](RestApi::Listener listener) {
        return [this, listener](HttpRequest request) { return rest_api->handle(std::move(request), listener); };
    };
    const auto commands = [this](HttpRequest request) { return admin_api->handle(std::move(request)); };

    admin.emplace(admin_settings(config), commands, metrics, loops);
    if (auto started = admin->start(); !started) return started;
    metrics_http.emplace(metrics_settings(config, requests_bytes), rest_on(RestApi::Listener::metrics), metrics, loops);
    if (auto started = metrics_http->start(); !started) return started;
    auto started_grpc =
        GrpcServer::start(grpc_settings(config, certificate.current(), requests_bytes, observed->tracer()),
                          use_cases->catalog, use_cases->direct, use_cases->feed, metrics, loops);
    if (!started_grpc) return fail(std::move(started_grpc.error()));
    grpc = std::move(*started_grpc);
    certificate.show_on(*grpc);
    http.emplace(http_settings(config, certificate.tls(), requests_bytes, observed->tracer()),
                 rest_on(RestApi::Listener::api), metrics, loops);
    if (auto started = http->start(); !started) return started;
    listeners.watch("gRPC", config.server.address, grpc->port());
    listeners.watch("REST", config.http.host, http->port());
    return {};
}

ServicePorts Service::ports() const {
    return {parts_->http->port(), parts_->grpc->port(), parts_->metrics_http->port()};
}

std::string Service::welcome() const {
    return welcome_text(parts_->config, parts_->certificate.current(), ports(), parts_->readiness.report());
}

void Service::reload() { parts_->certificate.reload(); }

/// Balancers are told to send no more, while what they still send is served.
void Service::Parts::be_a_lame_duck() {
    readiness.begin_stop();
    // Where the watch tells gRPC's health service, too, so that nothing it was about to say comes after this.
    asio::post(io_loops->executor(), [this] { grpc->set_serving(false); });
    if (config.shutdown.lame_duck.count() == 0) return;
    progress_of_stop->at(StopProgress::Step::lame_duck);
    log::info("Not ready any more, and still serving", {{"milliseconds", config.shutdown.lame_duck.count()}});
    wait_for(io_loops->executor(), sleep_until(std::chrono::steady_clock::now() + config.shutdown.lame_duck));
}

bool Service::Parts::stop_listeners(Deadline deadline) {
    progress_of_stop->at(StopProgress::Step::clients);
    if (use_cases) use_cases->feed.stop();  // Else clients that wait for changes are waited for.
    listeners.stop();
    std::vector<HttpServer*> started;
    for (auto* server : {&http, &metrics_http, &admin}) {
        if (*server) started.push_back(&**server);
    }
    return !io_loops || stop_servers(io_loops->executor(), started, grpc.get(), deadline);
}

Service::Stopped Service::Parts::stop() {
    const auto deadline = std::chrono::steady_clock::now() + config.shutdown.timeout;
    if (health && grpc) be_a_lame_duck();
    const auto now = std::chrono::steady_clock::now();
    // Half of the time is for slow clients, the rest for what they were promised: the worker and the last commit.
    const bool listeners_ended = stop_listeners(now + (deadline - now) / 2);
    progress_of_stop->at(StopProgress::Step::worker);
    if (running_worker && !running_worker->stop(deadline)) return Stopped::cut_worker;
    progress_of_stop->at(StopProgress::Step::log);
    if (health && !health->stop(deadline)) return Stopped::cut_calls;  // It asks the log.
    if (log && !log->close(deadline)) {
        log::warn("The log did not close in time: the group gives our partitions to others once our session is over");
        return Stopped::cut_log;
    }
    progress_of_stop->at(StopProgress::Step::calls);
    if (running_worker && !running_worker->join(deadline)) return Stopped::cut_calls;
    if (caching) caching->stop();
    if (observed) observed->close(deadline);
    // Nothing of the loops may run while the parts are taken apart.
    if (io_loops) io_loops->stop();
    if (work_loop) work_loop->stop();
    return listeners_ended ? Stopped::clean : Stopped::cut_clients;
}

Service::Stopped Service::stop() {
    if (!parts_->stopped) parts_->stopped = parts_->stop();
    return *parts_->stopped;
}

}  // namespace productd
