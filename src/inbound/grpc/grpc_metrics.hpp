// What the gRPC API counts: the older service's names, the standard grpc_server_* names, and durations.
#pragma once

#include <grpcpp/support/status.h>

#include <array>
#include <chrono>
#include <optional>

#include "telemetry/metrics.hpp"

namespace productd {

enum class GrpcKind { unary, server_stream };

/// The counters of one rpc, looked up once; everything is at 0 from the start. A stream's duration says nothing of the
/// service, so only unary calls have a histogram.
class GrpcMethodMetrics {
public:
    /// `method` as in the proto (`GetByID`), `label` as on every surface (`get_by_id`).
    GrpcMethodMetrics(Metrics& metrics, GrpcKind kind, const std::string& service, const std::string& method,
                      const std::string& label);

    void started() const;
    /// A message of a stream.
    void sent() const { sent_->Increment(); }
    /// The end of the call; of a unary one that ends well also its answer. `span` is the call's, for exemplars.
    void handled(grpc::StatusCode code, std::chrono::nanoseconds duration, const SpanContext& span) const;

private:
    static constexpr std::size_t codes = grpc::StatusCode::UNAUTHENTICATED + 1;  // The last of gRPC's.

    prometheus::Counter* total_;
    prometheus::Counter* incoming_;
    prometheus::Counter* success_;
    prometheus::Counter* error_;
    prometheus::Counter* started_;
    prometheus::Counter* received_;
    prometheus::Counter* sent_;
    std::array<prometheus::Counter*, codes> handled_;
    Histogram* duration_ = nullptr;  ///< None of a stream.
};

}  // namespace productd
