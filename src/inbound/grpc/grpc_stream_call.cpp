// Let in, run as a coroutine, written a page at a time. Calls the method's row, and its GrpcStream.
#include "inbound/grpc/grpc_stream_call.hpp"

#include "inbound/grpc/grpc_metadata.hpp"

namespace productd {

namespace {

/// What gRPC has beside the bytes of a message, about.
constexpr std::size_t message_overhead = 128;
constexpr std::chrono::seconds write_timeout_of_stop{1};

}  // namespace

void GrpcStreamCall::arm(const GrpcStreamMethod& method, GrpcCalls& calls, GrpcQueue& queue) {
    const auto call = std::make_shared<GrpcStreamCall>(method, calls, queue);
    auto* tag = call->arrives();
    method.request(&call->context_, &call->request_, &call->writer_, &queue.queue(), tag);
}

void GrpcStreamCall::start() {
    deadline_ = deadline_of_client(context_, arrived_at_);
    if (!hold(streaming_.weight(request_))) return refuse(no_room_for_call());
    auto opened = streaming_.open(request_);
    request_.Clear();
    held_.release();
    if (!opened) return refuse(opened.error());
    stream_ = std::move(*opened);
    executor_ = calls_.next_executor();
    page_ended_.emplace(executor_);
    spawn(run(std::static_pointer_cast<GrpcStreamCall>(shared_from_this())));
}

asio::awaitable<void> GrpcStreamCall::run(std::shared_ptr<GrpcStreamCall> call) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto end = co_await call->guarded_run();
    if (!end) co_return call->fail_with(end.error());
    call->succeed();
    call->writer_.Finish(grpc::Status::OK, call->finishes());
}

Task<> GrpcStreamCall::guarded_run() {
    try {
        co_return co_await stream_->run(*this, span_.context());
    } catch (const std::exception& exception) {
        co_return fail(failed_to_answer(exception));
    }
}

std::chrono::nanoseconds GrpcStreamCall::write_timeout() const {
    const std::chrono::nanoseconds usual = GrpcCall::write_timeout();
    return streaming_.is_stopping() ? std::min<std::chrono::nanoseconds>(usual, write_timeout_of_stop) : usual;
}

Task<> GrpcStreamCall::write(std::vector<grpc::ByteBuffer> messages) {
    std::size_t bytes = 0;
    for (const auto& message : messages) bytes += message.Length() + message_overhead;
    if (!hold(bytes)) co_return fail(no_room_for_call());
    is_page_taken_.reset();
    if (messages.empty()) is_page_taken_ = true;
    page_ = std::move(messages);
    next_ = 0;
    if (!is_page_taken_) send_next();
    // A wait ends early when the call is cancelled; gRPC then gives the write back soon.
    while (!is_page_taken_) co_await page_ended_->wait();
    sent();
    page_.clear();
    held_.release();
    // Who was cancelled while writing is told here: the next wait would not hear of it.
    const auto given_up = (co_await asio::this_coro::cancellation_state).cancelled();
    if (*is_page_taken_ && given_up == asio::cancellation_type::none) co_return Result<>();
    co_return fail(Errc::cancelled, "The client takes no more.");
}

/// Small messages of a page go together: only the last one asks gRPC not to wait for more. The first of a stream does,
/// too: with the metadata in front of it gRPC would not call it written before the next.
void GrpcStreamCall::send_next() {
    sending();
    grpc::WriteOptions options;
    if (has_begun_ && next_ + 1 < page_.size()) options.set_buffer_hint();
    has_begun_ = true;
    writer_.Write(page_[next_], options, given(written_));  // The last word: it may be written by now.
}

void GrpcStreamCall::written(bool ok) {
    page_[next_].Clear();
    if (ok) streaming_.metrics.sent();
    if (ok && ++next_ < page_.size()) return send_next();
    asio::post(executor_, [call = std::static_pointer_cast<GrpcStreamCall>(shared_from_this()), ok] {
        call->is_page_taken_ = ok;
        call->page_ended_->notify();
    });
}

}  // namespace productd
