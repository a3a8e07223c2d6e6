// Limits first, then start and stop. Calls gRPC; the rpcs are GrpcApi's.
#include "inbound/grpc/grpc_server.hpp"

#include <grpc/health/v1/health.pb.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <mutex>

#include "inbound/grpc/grpc_acceptor.hpp"
#include "inbound/grpc/grpc_api.hpp"
#include "inbound/grpc/grpc_calls.hpp"
#include "inbound/grpc/grpc_certificate.hpp"
#include "inbound/grpc/grpc_queue.hpp"

namespace productd {

namespace {

constexpr int reflection_threads_max = 8;
constexpr std::chrono::milliseconds cut_grace{500};  // For calls to notice that they were cut.
constexpr auto boundless = std::numeric_limits<std::size_t>::max() / 2;

int milliseconds(std::chrono::milliseconds duration) {
    return static_cast<int>(std::min<std::int64_t>(duration.count(), std::numeric_limits<int>::max()));
}

/// gRPC takes the largest number for "never".
int or_never(std::chrono::milliseconds duration) {
    return duration.count() == 0 ? std::numeric_limits<int>::max() : milliseconds(duration);
}

void limit(grpc::ServerBuilder& builder, const GrpcServerSettings& settings) {
    builder.SetMaxReceiveMessageSize(static_cast<int>(settings.receive_bytes_max));
    // Only reflection runs on threads of gRPC's own, one a stream.
    builder.SetResourceQuota(
        grpc::ResourceQuota("productd").Resize(settings.memory_bytes_max).SetMaxThreads(reflection_threads_max));
    // The limit on a message counts its compressed bytes: a small one could unpack to anything.
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
    const std::pair<const char*, int> arguments[]{
        {GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(settings.calls_per_connection_max)},
        {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, milliseconds(settings.handshake_timeout)},
        {GRPC_ARG_MAX_CONNECTION_IDLE_MS, or_never(settings.connection_idle_max)},
        {GRPC_ARG_MAX_CONNECTION_AGE_MS, or_never(settings.connection_age_max)},
        {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, milliseconds(settings.connection_age_grace)},
        {GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(settings.keepalive_time)},
        {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(settings.keepalive_timeout)},
        {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
        {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, milliseconds(settings.ping_interval_min)},
    };
    for (const auto& [name, value] : arguments) builder.AddChannelArgument(name, value);
}

}  // namespace

struct GrpcServer::Parts {
    Parts(const GrpcServerSettings& settings, Catalog& catalog, DirectCatalog& writes, ProductFeed& feed,
          Metrics& metrics, std::vector<asio::any_io_executor> executors)
        : has_tls(settings.tls),
          certificate(std::make_shared<GrpcCertificate>(
              GrpcCertificate::Files{settings.certificate_file, settings.private_key_file, settings.client_ca_file,
                                     settings.client_certificate_required})),
          credentials(settings.tls ? GrpcCertificate::credentials(certificate) : grpc::InsecureServerCredentials()),
          api(catalog, writes, feed, metrics),
          calls({settings.calls_in_flight_max, settings.deadline_default, settings.deadline_max, settings.write_timeout,
                 settings.access_log, settings.access_sample},
                settings.requests_bytes ? settings.requests_bytes : std::make_shared<ByteBudget>(boundless),
                settings.tracer ? settings.tracer : std::make_shared<Tracer>(), std::move(executors)) {}

    const bool has_tls;
    std::shared_ptr<GrpcCertificate> certificate;
    std::shared_ptr<grpc::ServerCredentials> credentials;
    GrpcApi api;
    GrpcCalls calls;
    std::vector<std::unique_ptr<GrpcQueue>> queues;
    std::shared_ptr<GrpcAcceptor> acceptor;
    std::unique_ptr<grpc::Server> server;
    std::once_flag stopped;
    bool is_clean = false;

    void stop(std::chrono::system_clock::time_point deadline);
    void join(std::chrono::system_clock::time_point deadline);
};

void GrpcServer::Parts::stop(std::chrono::system_clock::time_point deadline) {
    acceptor->stop();
    server->GetHealthCheckService()->Shutdown();
    server->Shutdown(deadline);
    join(std::max(deadline, std::chrono::system_clock::now()) + cut_grace);
}

/// A queue may be shut down only when nothing is ever asked of it again.
void GrpcServer::Parts::join(std::chrono::system_clock::time_point deadline) {
    is_clean = calls.wait_until_none(deadline);
    if (!is_clean) return;
    for (auto& queue : queues) queue->stop();
}

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const GrpcServerSettings& settings, Catalog& catalog,
                                                      DirectCatalog& writes, ProductFeed& feed, Metrics& metrics,
                                                      std::vector<asio::any_io_executor> executors) {
    const auto accept_executor = executors.front();
    auto parts = std::make_unique<Parts>(settings, catalog, writes, feed, metrics, std::move(executors));
    if (settings.tls) {
        auto pem = parts->certificate->read();
        if (!pem) return fail(std::move(pem).error());
        parts->certificate->use(std::move(*pem));
    }

    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    // The library's own service has no description that reflection could tell: ours is linked by being named.
    grpc::health::v1::HealthCheckRequest::descriptor();
    grpc::ServerBuilder builder;
    limit(builder, settings);
    builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
    using FromOutside = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
    auto hand_over = builder.experimental().AddExternalConnectionAcceptor(FromOutside::FROM_FD, parts->credentials);
    builder.RegisterService(&parts->api.service());
    for (std::size_t i = 0; i < settings.threads; ++i) {
        parts->queues.push_back(std::make_unique<GrpcQueue>(builder.AddCompletionQueue()));
    }
    auto acceptor = GrpcAcceptor::listen(accept_executor, settings.address, settings.port,
                                         {settings.connections_max, settings.write_timeout});
    if (!acceptor) return fail(std::move(acceptor).error());
    parts->acceptor = std::move(*acceptor);
    metrics.add_source(parts->acceptor);
    parts->server = builder.BuildAndStart();
    if (!parts->server) return fail(Errc::internal, "The gRPC server could not be started.");

    std::unique_ptr<GrpcServer> server(new GrpcServer(std::move(parts)));
    server->set_serving(false);
    for (auto& queue : server->parts_->queues) {
        queue->start(server->parts_->api.methods(), server->parts_->calls);
    }
    server->parts_->acceptor->start(std::move(hand_over));
    return server;
}

GrpcServer::GrpcServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
GrpcServer::~GrpcServer() {
    if (!stop(std::chrono::system_clock::now())) parts_->join(std::chrono::system_clock::time_point::max());
}

std::uint16_t GrpcServer::port() const { return parts_->acceptor->port(); }

void GrpcServer::set_serving(bool serving) {
    auto& health = *parts_->server->GetHealthCheckService();
    health.SetServingStatus("", serving);
    health.SetServingStatus(GrpcApi::Generated::service_full_name(), serving);
}

Result<std::function<void()>> GrpcServer::prepare_certificate() {
    if (!parts_->has_tls) return std::function<void()>([] {});
    auto pem = parts_->certificate->read();
    if (!pem) return fail(std::move(pem).error());
    return [certificate = parts_->certificate, fresh = std::move(*pem)] { certificate->use(fresh); };
}

std::size_t GrpcServer::calls_in_flight() const { return parts_->calls.in_flight().taken(); }

bool GrpcServer::stop(std::chrono::system_clock::time_point deadline) {
    std::call_once(parts_->stopped, [&] { parts_->stop(deadline); });
    return parts_->is_clean;
}

}  // namespace productd
