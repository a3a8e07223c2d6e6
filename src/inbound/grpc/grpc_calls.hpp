// What the calls of a gRPC server share: their bounds, where they run, and how many there are.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "async/admission.hpp"
#include "async/async.hpp"
#include "async/byte_budget.hpp"
#include "inbound/grpc/grpc_settings.hpp"
#include "tracing/tracer.hpp"

namespace productd {

class GrpcCalls {
public:
    struct Limits {
        std::size_t in_flight_max = 0;
        std::chrono::milliseconds deadline_default{0};
        std::chrono::milliseconds deadline_max{0};
        std::chrono::milliseconds write_timeout{0};
        GrpcAccessLog access_log = GrpcAccessLog::all;
        AccessSample access_sample;
    };

    /// `executors` each run on one thread (or are strands) and outlive the calls.
    GrpcCalls(Limits limits, std::shared_ptr<ByteBudget> bytes, std::shared_ptr<Tracer> tracer,
              std::vector<asio::any_io_executor> executors)
        : limits_(limits),
          executors_(std::move(executors)),
          in_flight_(limits.in_flight_max),
          refused_(limits.in_flight_max),
          bytes_(std::move(bytes)),
          tracer_(std::move(tracer)) {}

    const Limits& limits() const { return limits_; }
    asio::any_io_executor next_executor();
    /// Calls that arrived, until their clients have the answer.
    Admission& in_flight() { return in_flight_; }
    /// Those that were refused a place there and told so, until their clients have read it: as many again.
    Admission& refused() { return refused_; }
    /// What their decoded requests and their answers occupy.
    ByteBudget& bytes() { return *bytes_; }
    Tracer& tracer() { return *tracer_; }

    // Every GrpcCall that exists: those in flight, those refused, and those that wait for a client.
    void born();
    void died();
    /// Blocks until none exists; false when there still is one at the deadline.
    bool wait_until_none(std::chrono::system_clock::time_point deadline);

private:
    Limits limits_;
    std::vector<asio::any_io_executor> executors_;
    std::atomic<std::size_t> next_{0};
    Admission in_flight_;
    Admission refused_;
    std::shared_ptr<ByteBudget> bytes_;
    std::shared_ptr<Tracer> tracer_;
    std::mutex mutex_;
    std::condition_variable none_;
    std::size_t alive_ = 0;  // Guarded, so that who waits for none may destroy this at once.
};

}  // namespace productd
