// The life of a call: armed, arrived, under way as its kind says, finished.
#include "inbound/grpc/grpc_call.hpp"

#include <grpc/grpc_security_constants.h>

#include "inbound/grpc/grpc_metadata.hpp"
#include "inbound/grpc/grpc_status.hpp"
#include "telemetry/log.hpp"
#include "tracing/span_names.hpp"

namespace productd {

namespace {

constexpr std::size_t uncounted_bytes = 4 * 1024;  // As of an HTTP connection.

/// The subject of the client's certificate, which was verified; empty for a client that showed none.
std::string client_name(const grpc::ServerContext& context) {
    const auto peer = context.auth_context();
    if (!peer || !peer->IsPeerAuthenticated()) return {};
    const auto names = peer->FindPropertyValues(GRPC_X509_SUBJECT_PROPERTY_NAME);
    return names.empty() ? std::string() : std::string(names.front().data(), names.front().size());
}

}  // namespace

Error no_room_for_call() {
    return {Errc::resource_exhausted,
            "The requests under way occupy all they may; try again later.",
            {},
            "Limits.requests_bytes_max"};
}

Error failed_to_answer(const std::exception& exception) {
    return {Errc::internal, "The service failed to answer.", {}, exception.what()};
}

GrpcCall::GrpcCall(const GrpcMethod& method, GrpcCalls& calls, GrpcQueue& queue)
    : calls_(calls), queue_(queue), method_(method) {
    calls_.born();
}

GrpcCall::~GrpcCall() {
    span_.end();
    held_.release();
    if (place_taken_) place_taken_->release();
    calls_.died();  // The last word: who waits for it may destroy what is shared.
}

void GrpcCall::arrived(bool ok) {
    if (!ok) {
        ended_.call.reset();  // The server stops: no call came, and gRPC will not tell its end.
        return;
    }
    arm_next();
    arrived_at_ = std::chrono::steady_clock::now();
    method_.metrics.started();
    place_ = queue_.watch(*this);
    begin_span();
    start();
}

void GrpcCall::begin_span() {
    if (!calls_.tracer().is_on()) return;  // Looking for metadata would cost every call.
    const auto parent = parse_traceparent(metadata(context_, "traceparent"));
    span_ = calls_.tracer().serve(SpanKind::server, method_.full_name, parent);
    if (!span_.is_recorded()) return;
    span_.set(span_name::rpc_system_name, "grpc");
    span_.set(span_name::rpc_method, method_.full_name);
    const auto peer = context_.peer();  // `ipv4:127.0.0.1:5000`
    const auto begin = peer.find(':') + 1;
    span_.set(span_name::client_address, std::string_view(peer).substr(begin, peer.rfind(':') - begin));
    const auto tracestate = metadata(context_, "tracestate");
    if (parent.is_valid() && tracestate.size() <= tracestate_bytes_max) span_.set_tracestate(tracestate);
}

/// Errors of the service; what a client did wrong is no failure of the span
/// (https://opentelemetry.io/docs/specs/semconv/rpc/grpc/).
void GrpcCall::end_span(const grpc::Status& status) {
    if (!span_.is_recorded()) return;
    const auto code = status.error_code();
    span_.set(span_name::rpc_status_code, grpc_code_constant(code));
    if (is_servers_fault(code)) span_.fail(grpc_code_constant(code), status.error_message());
    span_.end();
}

/// What is refused is to cost little. An answer that nobody reads keeps its call, some 14 KiB of gRPC's: beyond so many
/// the call ends without one, as CANCELLED.
void GrpcCall::refuse(const Error& error) {
    if (calls_.refused().admit()) {
        place_taken_ = &calls_.refused();
        return fail_with(error);
    }
    method_.metrics.handled(grpc::StatusCode::CANCELLED, age(), span_.context());
    end_span(grpc::Status::CANCELLED);
    report(grpc::Status::CANCELLED, request_id(context_), "too many refused calls have not been read");
    queue_.forget(*place_);
    place_.reset();
    context_.TryCancel();
}

/// Asio looks at the signal once more behind the coroutine's end, when gRPC may have told the end of the call already.
void GrpcCall::spawn(asio::awaitable<void> coroutine) {
    auto ended = [call = shared_from_this()](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    };
    asio::co_spawn(executor_, std::move(coroutine),
                   asio::bind_cancellation_slot(cancellation_.slot(), std::move(ended)));
}

bool GrpcCall::hold(std::size_t bytes) {
    return bytes <= std::max(uncounted_bytes, held_.bytes()) || held_.hold(bytes);
}

void GrpcCall::finished(bool) {
    if (place_) queue_.forget(*place_);
}

void GrpcCall::cut_off_if_slow(std::chrono::steady_clock::time_point now) {
    const auto sent_at = sent_at_.load(std::memory_order_relaxed);
    if (sent_at < now && now - sent_at > write_timeout()) context_.TryCancel();
}

/// The client cancelled, its deadline passed, its connection broke, or the call is over.
void GrpcCall::ended(bool) {
    if (!context_.IsCancelled()) return;
    cancelled_ = true;
    if (!executor_) return;
    asio::post(executor_, [call = shared_from_this()] { call->cancellation_.emit(asio::cancellation_type::terminal); });
}

void GrpcCall::succeed() {
    sending();
    method_.metrics.handled(grpc::StatusCode::OK, age(), span_.context());
    end_span(grpc::Status::OK);
    if (calls_.limits().access_log == GrpcAccessLog::all) report_success();
}

void GrpcCall::fail_with(const Error& error) {
    sending();
    const auto seen = seen_by_client(error);
    const auto status = grpc_status(seen);
    const auto id = request_id(context_);
    method_.metrics.handled(status.error_code(), age(), span_.context());
    end_span(status);
    report(status, id, seen.cause);
    context_.AddTrailingMetadata("x-request-id", id);
    send_failure(status, given(finished_));
}

/// A deadline that ended the call here ended it for the client too, so only a call cut short is "cancelled".
Error GrpcCall::seen_by_client(const Error& error) const {
    if (!cancelled_) return error;
    if (std::chrono::steady_clock::now() < deadline_) return {Errc::cancelled, "The client gave up.", {}, {}};
    return error.code == Errc::cancelled ? time_is_over() : error;
}

void GrpcCall::report_success() {
    if (!log::enabled(log::Level::info)) return;
    const auto line = access_line(calls_.limits().access_sample, AccessEnd::success, age());
    if (line.is_written) report(grpc::Status::OK, request_id(context_), {}, line.sample);
}

void GrpcCall::report(const grpc::Status& status, std::string_view id, const std::string& cause,
                      std::optional<double> sample) {
    const bool ours =
        status.error_code() == grpc::StatusCode::INTERNAL || status.error_code() == grpc::StatusCode::UNKNOWN;
    if (calls_.limits().access_log == GrpcAccessLog::off && !ours) return;
    const auto level = ours ? log::Level::error : log::Level::info;
    if (!log::enabled(level)) return;
    const auto peer = context_.peer();
    const auto& known = span_.context();
    const auto trace = known.is_valid() ? known : parse_traceparent(metadata(context_, "traceparent"));
    log::access(level, "grpc",
                {{"method", method_.name},
                 {"code", grpc_code_name(status.error_code())},
                 {"duration_ms", std::chrono::duration<double, std::milli>(age()).count()},
                 {"peer", peer},
                 {"client", client_name(context_)},
                 {"request_id", id},
                 {"trace_id", trace_id(trace)},
                 {"cause", cause},
                 {"sample", sample}});
}

}  // namespace productd
