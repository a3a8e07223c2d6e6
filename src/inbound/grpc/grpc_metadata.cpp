// Reads metadata, trusting none of it.
#include "inbound/grpc/grpc_metadata.hpp"

#include <algorithm>

#include "codec/request_id.hpp"

namespace productd {

std::string metadata(const grpc::ServerContext& context, std::string_view name) {
    const auto& all = context.client_metadata();
    const auto found = all.find(grpc::string_ref(name.data(), name.size()));
    return found == all.end() ? std::string() : std::string(found->second.data(), found->second.size());
}

std::chrono::nanoseconds time_allowed(const grpc::ServerContext& context, const GrpcCalls::Limits& limits) {
    using Clock = std::chrono::system_clock;
    const auto deadline = context.deadline();
    if (deadline == Clock::time_point::max()) return limits.deadline_default;
    const std::chrono::nanoseconds left = deadline - Clock::now();
    return std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds::zero(), limits.deadline_max);
}

Deadline deadline_of_client(const grpc::ServerContext& context, Deadline arrived) {
    using Clock = std::chrono::system_clock;
    constexpr std::chrono::hours never{24 * 365};
    const auto left = context.deadline() - Clock::now();
    return left > never ? Deadline::max() : arrived + left;
}

std::string request_id(const grpc::ServerContext& context) {
    auto given = metadata(context, "x-request-id");
    if (is_request_id(given, grpc_request_id_bytes_max)) return given;
    thread_local RequestIds ids;
    return ids.next();
}

}  // namespace productd
