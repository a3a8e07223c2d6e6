// The names of all counters, then when each is counted.
#include "inbound/grpc/grpc_metrics.hpp"

#include "inbound/grpc/grpc_status.hpp"

namespace productd {

namespace {

prometheus::Counter* counter(Metrics& metrics, const std::string& name, const std::string& help,
                             const prometheus::Labels& labels = {}) {
    return &prometheus::BuildCounter().Name(name).Help(help).Register(metrics.registry()).Add(labels);
}

/// As every grpc_server_* metric spells it.
const char* name(GrpcKind kind) {
    switch (kind) {
        case GrpcKind::unary: return "unary";
        case GrpcKind::server_stream: return "server_stream";
    }
    std::unreachable();
}

}  // namespace

GrpcMethodMetrics::GrpcMethodMetrics(Metrics& metrics, GrpcKind kind, const std::string& service,
                                     const std::string& method, const std::string& label) {
    total_ = counter(metrics, "products_service_requests_total", "Requests taken over gRPC.");
    incoming_ = counter(metrics, "products_" + label + "_incoming_grpc_requests_total",
                        "Requests to " + label + " taken over gRPC.");
    success_ = counter(metrics, "products_success_incoming_grpc_messages_total", "gRPC requests answered with OK.");
    error_ = counter(metrics, "products_error_incoming_grpc_message_total", "gRPC requests answered with an error.");

    const prometheus::Labels labels{{"grpc_type", name(kind)}, {"grpc_service", service}, {"grpc_method", method}};
    started_ = counter(metrics, "grpc_server_started_total", "Calls started on the server.", labels);
    received_ = counter(metrics, "grpc_server_msg_received_total", "Messages received by the server.", labels);
    sent_ = counter(metrics, "grpc_server_msg_sent_total", "Messages sent by the server.", labels);
    for (std::size_t code = 0; code < codes; ++code) {
        auto with_code = labels;
        with_code.emplace("grpc_code", grpc_code_name(static_cast<grpc::StatusCode>(code)));
        handled_[code] = counter(metrics, "grpc_server_handled_total", "Calls completed on the server.", with_code);
    }
    if (kind != GrpcKind::unary) return;
    duration_ = &metrics
                     .histograms("productd_grpc_request_duration_seconds",
                                 "From the arrival of a gRPC request to its answer.", duration_buckets())
                     .add({{"method", label}});
}

void GrpcMethodMetrics::started() const {
    total_->Increment();
    incoming_->Increment();
    started_->Increment();
    received_->Increment();
}

void GrpcMethodMetrics::handled(grpc::StatusCode code, std::chrono::nanoseconds duration,
                                const SpanContext& span) const {
    handled_[static_cast<std::size_t>(code)]->Increment();
    if (duration_) duration_->observe(std::chrono::duration<double>(duration).count(), span);
    if (code != grpc::StatusCode::OK) return error_->Increment();
    success_->Increment();
    if (duration_) sent_->Increment();
}

}  // namespace productd
