// Reads metadata, trusting none of it. Calls gRPC.
#include "inbound/grpc/grpc_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace productd {

namespace {

constexpr std::size_t request_id_bytes_max = 64;

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_sane(std::string_view id) {
    return !id.empty() && id.size() <= request_id_bytes_max &&
           std::ranges::all_of(id, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace

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

std::string request_id(const grpc::ServerContext& context) {
    auto given = metadata(context, "x-request-id");
    if (is_sane(given)) return given;
    thread_local std::mt19937_64 random{std::random_device{}()};
    return fmt::format("{:016x}{:016x}", random(), random());
}

std::string_view trace_id(std::string_view traceparent) {
    constexpr std::size_t begin = 3, size = 32, whole = 55;  // 00-<32 hex>-<16 hex>-<2 hex>
    if (traceparent.size() < whole || traceparent[2] != '-' || traceparent[begin + size] != '-') return {};
    const auto id = traceparent.substr(begin, size);
    return std::ranges::all_of(id, is_lower_hex) ? id : std::string_view{};
}

}  // namespace productd
