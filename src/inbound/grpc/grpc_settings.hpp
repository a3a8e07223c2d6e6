// What the gRPC server can be told.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "telemetry/access_sample.hpp"

namespace productd {

class ByteBudget;
class Tracer;

enum class GrpcAccessLog { all, failures, off };

struct GrpcServerSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 5000;     ///< 0: a free one.
    bool tls = true;               ///< Else plain text, and the files are not read.
    std::string certificate_file;  ///< PEM, as the key.
    std::string private_key_file;
    std::string client_ca_file;  ///< PEM: who may sign the certificates of clients. Empty: none is asked for.
    bool client_certificate_required = true;
    std::size_t threads = 2;              ///< Completion queues, each with a thread.
    std::size_t connections_max = 1'024;  ///< Those above it are closed at once.
    std::size_t calls_in_flight_max = 1'000;
    std::size_t calls_per_connection_max = 256;
    std::size_t receive_bytes_max = 512 * 1024;  ///< The largest message: one product has half of it.
    /// What calls under way may occupy, shared with whoever else counts in it. Null: no bound.
    std::shared_ptr<ByteBudget> requests_bytes;
    std::shared_ptr<Tracer> tracer;                     ///< Null: nothing is traced.
    std::size_t memory_bytes_max = 128 * 1024 * 1024;   ///< All connections' buffers; gRPC refuses work above it.
    std::chrono::milliseconds deadline_default{5'000};  ///< For calls without a deadline.
    std::chrono::milliseconds deadline_max{60'000};     ///< Longer deadlines are cut to this.
    std::chrono::milliseconds write_timeout{30'000};    ///< In which a client takes its answer; it is cut off then.
    std::chrono::milliseconds handshake_timeout{10'000};
    std::chrono::milliseconds connection_idle_max{300'000};  ///< 0: never.
    std::chrono::milliseconds connection_age_max{300'000};   ///< 0: never.
    std::chrono::milliseconds connection_age_grace{60'000};  ///< For calls that run when the age is reached.
    std::chrono::milliseconds keepalive_time{600'000};       ///< A ping after so long without traffic.
    std::chrono::milliseconds keepalive_timeout{15'000};     ///< The connection is closed when no answer comes.
    std::chrono::milliseconds ping_interval_min{10'000};     ///< Clients that ping more often are cut off.
    GrpcAccessLog access_log = GrpcAccessLog::all;
    AccessSample access_sample;
};

}  // namespace productd
