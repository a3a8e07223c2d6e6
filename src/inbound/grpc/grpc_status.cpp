// The table first, then the details. Calls the generated google.rpc messages.
#include "inbound/grpc/grpc_status.hpp"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <cctype>

namespace productd {

namespace {

/// Clients refuse trailers above 8 KiB in all; details are sent in base64, beside the message.
constexpr std::size_t details_bytes_max = 4'096;
constexpr std::size_t message_bytes_max = 1'024;

std::string upper(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::string details_of(const Error& error, grpc::StatusCode code, const std::string& message) {
    google::rpc::BadRequest request;
    std::size_t bytes = 0;
    for (const auto& violation : error.violations) {
        bytes += violation.field.size() + violation.detail.size() + violation.code.size() + 16;
        if (bytes > details_bytes_max) break;
        auto& added = *request.add_field_violations();
        added.set_field(violation.field);
        added.set_description(violation.detail);
        added.set_reason(upper(violation.code));
    }
    google::rpc::Status status;
    status.set_code(code);
    status.set_message(message);
    status.add_details()->PackFrom(request);
    return status.SerializeAsString();
}

}  // namespace

grpc::StatusCode grpc_status(Errc code) {
    switch (code) {
        case Errc::cancelled: return grpc::StatusCode::CANCELLED;
        case Errc::unknown: return grpc::StatusCode::UNKNOWN;
        case Errc::invalid_argument: return grpc::StatusCode::INVALID_ARGUMENT;
        case Errc::deadline_exceeded: return grpc::StatusCode::DEADLINE_EXCEEDED;
        case Errc::not_found: return grpc::StatusCode::NOT_FOUND;
        case Errc::already_exists: return grpc::StatusCode::ALREADY_EXISTS;
        case Errc::permission_denied: return grpc::StatusCode::PERMISSION_DENIED;
        case Errc::resource_exhausted: return grpc::StatusCode::RESOURCE_EXHAUSTED;
        case Errc::failed_precondition: return grpc::StatusCode::FAILED_PRECONDITION;
        case Errc::aborted: return grpc::StatusCode::ABORTED;
        case Errc::out_of_range: return grpc::StatusCode::OUT_OF_RANGE;
        case Errc::unimplemented: return grpc::StatusCode::UNIMPLEMENTED;
        case Errc::internal: return grpc::StatusCode::INTERNAL;
        case Errc::unavailable: return grpc::StatusCode::UNAVAILABLE;
        case Errc::data_loss: return grpc::StatusCode::DATA_LOSS;
        case Errc::unauthenticated: return grpc::StatusCode::UNAUTHENTICATED;
    }
    std::unreachable();
}

const char* grpc_code_constant(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::OK: return "OK";
        case grpc::StatusCode::CANCELLED: return "CANCELLED";
        case grpc::StatusCode::UNKNOWN: return "UNKNOWN";
        case grpc::StatusCode::INVALID_ARGUMENT: return "INVALID_ARGUMENT";
        case grpc::StatusCode::DEADLINE_EXCEEDED: return "DEADLINE_EXCEEDED";
        case grpc::StatusCode::NOT_FOUND: return "NOT_FOUND";
        case grpc::StatusCode::ALREADY_EXISTS: return "ALREADY_EXISTS";
        case grpc::StatusCode::PERMISSION_DENIED: return "PERMISSION_DENIED";
        case grpc::StatusCode::RESOURCE_EXHAUSTED: return "RESOURCE_EXHAUSTED";
        case grpc::StatusCode::FAILED_PRECONDITION: return "FAILED_PRECONDITION";
        case grpc::StatusCode::ABORTED: return "ABORTED";
        case grpc::StatusCode::OUT_OF_RANGE: return "OUT_OF_RANGE";
        case grpc::StatusCode::UNIMPLEMENTED: return "UNIMPLEMENTED";
        case grpc::StatusCode::INTERNAL: return "INTERNAL";
        case grpc::StatusCode::UNAVAILABLE: return "UNAVAILABLE";
        case grpc::StatusCode::DATA_LOSS: return "DATA_LOSS";
        case grpc::StatusCode::UNAUTHENTICATED: return "UNAUTHENTICATED";
        case grpc::StatusCode::DO_NOT_USE: break;
    }
    return "UNKNOWN";
}

bool is_servers_fault(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::UNKNOWN:
        case grpc::StatusCode::DEADLINE_EXCEEDED:
        case grpc::StatusCode::UNIMPLEMENTED:
        case grpc::StatusCode::INTERNAL:
        case grpc::StatusCode::UNAVAILABLE:
        case grpc::StatusCode::DATA_LOSS: return true;
        default: return false;
    }
}

const char* grpc_code_name(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::OK: return "OK";
        case grpc::StatusCode::CANCELLED: return "Canceled";
        case grpc::StatusCode::UNKNOWN: return "Unknown";
        case grpc::StatusCode::INVALID_ARGUMENT: return "InvalidArgument";
        case grpc::StatusCode::DEADLINE_EXCEEDED: return "DeadlineExceeded";
        case grpc::StatusCode::NOT_FOUND: return "NotFound";
        case grpc::StatusCode::ALREADY_EXISTS: return "AlreadyExists";
        case grpc::StatusCode::PERMISSION_DENIED: return "PermissionDenied";
        case grpc::StatusCode::RESOURCE_EXHAUSTED: return "ResourceExhausted";
        case grpc::StatusCode::FAILED_PRECONDITION: return "FailedPrecondition";
        case grpc::StatusCode::ABORTED: return "Aborted";
        case grpc::StatusCode::OUT_OF_RANGE: return "OutOfRange";
        case grpc::StatusCode::UNIMPLEMENTED: return "Unimplemented";
        case grpc::StatusCode::INTERNAL: return "Internal";
        case grpc::StatusCode::UNAVAILABLE: return "Unavailable";
        case grpc::StatusCode::DATA_LOSS: return "DataLoss";
        case grpc::StatusCode::UNAUTHENTICATED: return "Unauthenticated";
        case grpc::StatusCode::DO_NOT_USE: break;
    }
    return "Unknown";
}

grpc::Status grpc_status(const Error& error) {
    const auto code = grpc_status(error.code);
    const auto message = error.detail.substr(0, message_bytes_max);
    if (error.violations.empty()) return {code, message};
    return {code, message, details_of(error, code, message)};
}

}  // namespace productd
