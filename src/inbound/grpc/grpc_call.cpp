// The life of a call: armed, arrived, answered at once or by a coroutine, finished.
#include "inbound/grpc/grpc_call.hpp"

#include <grpc/grpc_security_constants.h>

#include "inbound/grpc/grpc_metadata.hpp"
#include "inbound/grpc/grpc_status.hpp"
#include "telemetry/log.hpp"
#include "tracing/span_names.hpp"

namespace productd {

namespace {

constexpr std::size_t uncounted_bytes = 4 * 1024;  // As of an HTTP connection.

Error no_room() {
    return {Errc::resource_exhausted,
            "The requests under way occupy all they may; try again later.",
            {},
            "Limits.requests_bytes_max"};
}

/// The subject of the client's certificate, which was verified; empty for a client that showed none.
std::string client_name(const grpc::ServerContext& context) {
    const auto peer = context.auth_context();
    if (!peer || !peer->IsPeerAuthenticated()) return {};
    const auto names = peer->FindPropertyValues(GRPC_X509_SUBJECT_PROPERTY_NAME);
    return names.empty() ? std::string() : std::string(names.front().data(), names.front().size());
}

}  // namespace

GrpcCall::GrpcCall(const GrpcMethod& method, GrpcCalls& calls, GrpcQueue& queue)
    : method_(method), calls_(calls), queue_(queue) {
    calls_.born();
}

GrpcCall::~GrpcCall() {
    span_.end();
    held_.release();
    if (place_taken_) place_taken_->release();
    calls_.died();  // The last word: who waits for it may destroy what is shared.
}

void GrpcCall::arm(const GrpcMethod& method, GrpcCalls& calls, GrpcQueue& queue) {
    const auto call = std::make_shared<GrpcCall>(method, calls, queue);
    call->arrived_.call = call;
    call->ended_.call = call;
    call->context_.AsyncNotifyWhenDone(&call->ended_);
    method.request(&call->context_, &call->request_, &call->writer_, &queue.queue(), &call->arrived_);
}

void GrpcCall::arrived(bool ok) {
    if (!ok) {
        ended_.call.reset();  // The server stops: no call came, and gRPC will not tell its end.
        return;
    }
    arm(method_, calls_, queue_);
    start();
}

void GrpcCall::start() {
    arrived_at_ = std::chrono::steady_clock::now();
    deadline_ = arrived_at_ + time_allowed(context_, calls_.limits());
    method_.metrics.started();
    place_ = queue_.watch(*this);
    begin_span();
    if (!calls_.in_flight().admit()) return refuse();
    place_taken_ = &calls_.in_flight();
    if (!hold(method_.weight(request_))) return finish(fail(no_room()));
    if (method_.at_once) {
        if (auto reply = method_.at_once(request_)) return finish(std::move(*reply));
    }
    executor_ = calls_.next_executor();
    asio::co_spawn(executor_, run(shared_from_this()),
                   asio::bind_cancellation_slot(cancellation_.slot(), [](std::exception_ptr error) {
                       if (error) std::rethrow_exception(error);
                   }));
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
void GrpcCall::refuse() {
    if (calls_.refused().admit()) {
        place_taken_ = &calls_.refused();
        return finish(fail(Errc::resource_exhausted, "Too many calls are in flight; try again later."));
    }
    method_.metrics.handled(grpc::StatusCode::CANCELLED, age(), span_.context());
    end_span(grpc::Status::CANCELLED);
    report(grpc::Status::CANCELLED, request_id(context_), "too many refused calls have not been read");
    queue_.forget(*place_);
    place_.reset();
    context_.TryCancel();
}

/// Holds as much of the budget at least; a call that needs little is not counted, so that one can still be made when
/// large ones have taken it all.
bool GrpcCall::hold(std::size_t bytes) {
    return bytes <= std::max(uncounted_bytes, held_.bytes()) || held_.hold(bytes);
}

asio::awaitable<void> GrpcCall::run(std::shared_ptr<GrpcCall> call) {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto answer = call->method_.abandoned == GrpcAbandoned::finishes ? finished_answer(call) : guarded_answer(call);
    auto reply = co_await within(call->deadline_, std::move(answer));
    call->finish(std::move(reply));
}

/// As guarded_answer(), but runs to its end also when this wait for it is cancelled. It holds the call, and so its
/// place among those in flight, until then.
Task<grpc::ByteBuffer> GrpcCall::finished_answer(std::shared_ptr<GrpcCall> call) {
    struct Answer {
        Signal given;
        std::optional<GrpcReply> reply;
    };
    const auto answer = std::make_shared<Answer>(Answer{Signal(call->executor_), std::nullopt});
    asio::co_spawn(call->executor_, guarded_answer(call), [answer](std::exception_ptr error, GrpcReply reply) {
        if (error) std::rethrow_exception(error);
        answer->reply = std::move(reply);
        answer->given.notify();
    });
    co_await answer->given.wait();
    if (answer->reply) co_return std::move(*answer->reply);
    co_return fail(Errc::cancelled, "The client gave up.");
}

/// No request may end the process: what a handler throws becomes an answer that shows nothing of it.
Task<grpc::ByteBuffer> GrpcCall::guarded_answer(std::shared_ptr<GrpcCall> call) {
    try {
        // The caller's lists go no further: what gRPC writes is no event.
        RequestContext context{.deadline = call->deadline_, .trace = {call->span_.context()}};
        co_return co_await call->method_.answer(call->request_, std::move(context));
    } catch (const std::exception& exception) {
        co_return fail(Error{Errc::internal, "The service failed to answer.", {}, exception.what()});
    }
}

void GrpcCall::finished(bool) {
    if (place_) queue_.forget(*place_);
}

void GrpcCall::cut_off_if_slow(std::chrono::steady_clock::time_point now) {
    const auto answered_at = answered_at_.load(std::memory_order_relaxed);
    if (answered_at < now && now - answered_at > calls_.limits().write_timeout) context_.TryCancel();
}

/// The client cancelled, its deadline passed, its connection broke, or the call is over.
void GrpcCall::ended(bool) {
    if (!context_.IsCancelled()) return;
    cancelled_ = true;
    if (!executor_) return;
    asio::post(executor_, [call = shared_from_this()] { call->cancellation_.emit(asio::cancellation_type::terminal); });
}

void GrpcCall::finish(GrpcReply reply) {
    answered_at_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
    // A deadline that ended the call here ended it for the client too, so only a call cut short is "cancelled".
    if (cancelled_ && !reply && std::chrono::steady_clock::now() < deadline_) {
        reply = fail(Errc::cancelled, "The client gave up.");
    }
    // The answer of a write is no larger than what it holds; it must not be told as refused once it was done.
    if (reply && method_.abandoned == GrpcAbandoned::stops && !hold(reply->Length())) reply = fail(no_room());
    if (!reply) return fail_with(reply.error());
    method_.metrics.handled(grpc::StatusCode::OK, age(), span_.context());
    end_span(grpc::Status::OK);
    if (calls_.limits().access_log == GrpcAccessLog::all) report_success();
    finished_.call = shared_from_this();
    writer_.Finish(*reply, grpc::Status::OK, &finished_);
}

void GrpcCall::fail_with(const Error& error) {
    const auto status = grpc_status(error);
    const auto id = request_id(context_);
    method_.metrics.handled(status.error_code(), age(), span_.context());
    end_span(status);
    report(status, id, error.cause);
    context_.AddTrailingMetadata("x-request-id", id);
    finished_.call = shared_from_this();
    writer_.FinishWithError(status, &finished_);
}

std::chrono::nanoseconds GrpcCall::age() const { return std::chrono::steady_clock::now() - arrived_at_; }

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
