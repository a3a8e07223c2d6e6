// Gives the two libraries a function to call. Calls gRPC and protobuf.
#include "runtime/grpc_logs.hpp"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr const char* grpc_library = "gRPC's library";

/// What a peer does to its connection is no error of the service, and who only looks at the port warns of nothing.
log::Level level_of(gpr_log_severity severity, std::string_view said) {
    if (said.starts_with("Handshake failed")) return log::Level::info;
    switch (severity) {
        case GPR_LOG_SEVERITY_ERROR: return log::Level::warn;
        case GPR_LOG_SEVERITY_INFO:
        case GPR_LOG_SEVERITY_DEBUG: return log::Level::debug;
    }
    std::unreachable();
}

void write_grpc_line(gpr_log_func_args* said) {
    log::driver(level_of(said->severity, said->message), grpc_library, said->message, said->file);
    if (!std::string_view(said->message).starts_with("assertion failed")) return;
    // It aborts after this, in whatever state the log is.
    const auto line =
        log::line(log::Level::error, grpc_library, {{"said", said->message}, {"origin", said->file}}) + '\n';
    static_cast<void>(::write(STDERR_FILENO, line.data(), line.size()));
}

void write_protobuf_line(google::protobuf::LogLevel level, const char* file, int, const std::string& said) {
    const bool is_loud = level >= google::protobuf::LOGLEVEL_WARNING;
    log::driver(is_loud ? log::Level::warn : log::Level::debug, "protobuf", said, file);
}

}  // namespace

void take_over_grpc_logs() {
    gpr_set_log_function(write_grpc_line);
    google::protobuf::SetLogHandler(write_protobuf_line);
}

}  // namespace productd
