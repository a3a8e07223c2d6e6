// Answered at once or by a coroutine. Calls the method's row.
#include "inbound/grpc/grpc_unary_call.hpp"

#include "inbound/grpc/grpc_metadata.hpp"

namespace productd {

void GrpcUnaryCall::arm(const GrpcUnaryMethod& method, GrpcCalls& calls, GrpcQueue& queue) {
    const auto call = std::make_shared<GrpcUnaryCall>(method, calls, queue);
    auto* tag = call->arrives();
    method.request(&call->context_, &call->request_, &call->writer_, &queue.queue(), tag);
}

void GrpcUnaryCall::start() {
    deadline_ = arrived_at_ + time_allowed(context_, calls_.limits());
    if (!calls_.in_flight().admit()) {
        return refuse({Errc::resource_exhausted, "Too many calls are in flight; try again later.", {}, {}});
    }
    place_taken_ = &calls_.in_flight();
    if (!hold(unary_.weight(request_))) return finish(fail(no_room_for_call()));
    if (unary_.at_once) {
        if (auto reply = unary_.at_once(request_)) return finish(std::move(*reply));
    }
    executor_ = calls_.next_executor();
    spawn(run(std::static_pointer_cast<GrpcUnaryCall>(shared_from_this())));
}

asio::awaitable<void> GrpcUnaryCall::run(std::shared_ptr<GrpcUnaryCall> call) {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto answer = call->unary_.abandoned == GrpcAbandoned::finishes ? finished_answer(call) : guarded_answer(call);
    auto reply = co_await within(call->deadline_, std::move(answer));
    call->finish(std::move(reply));
}

/// As guarded_answer(), but runs to its end also when this wait for it is cancelled. It holds the call, and so its
/// place among those in flight, until then.
Task<grpc::ByteBuffer> GrpcUnaryCall::finished_answer(std::shared_ptr<GrpcUnaryCall> call) {
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
Task<grpc::ByteBuffer> GrpcUnaryCall::guarded_answer(std::shared_ptr<GrpcUnaryCall> call) {
    try {
        // The caller's lists go no further: what gRPC writes is no event.
        RequestContext context{.deadline = call->deadline_, .trace = {call->span_.context()}};
        co_return co_await call->unary_.answer(call->request_, std::move(context));
    } catch (const std::exception& exception) {
        co_return fail(failed_to_answer(exception));
    }
}

void GrpcUnaryCall::finish(GrpcReply reply) {
    // The answer of a write is no larger than what it holds; it must not be told as refused once it was done.
    if (reply && unary_.abandoned == GrpcAbandoned::stops && !hold(reply->Length())) reply = fail(no_room_for_call());
    if (!reply) return fail_with(reply.error());
    succeed();
    writer_.Finish(*reply, grpc::Status::OK, finishes());
}

}  // namespace productd
