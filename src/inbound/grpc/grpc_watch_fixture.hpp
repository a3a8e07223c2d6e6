// Clients of Watch, for tests.
#pragma once

#include <deque>

#include "inbound/grpc/grpc_fixture.hpp"
#include "inbound/grpc/grpc_raw_call_fixture.hpp"

namespace productd {

/// A stream that is read a message at a time. Given up in the end.
class WatchingClient {
public:
    using Stub = proto::ProductsService::Stub;

    explicit WatchingClient(Stub& stub, const proto::WatchReq& request = {}, std::chrono::milliseconds deadline = {}) {
        if (deadline.count() > 0) context_.set_deadline(std::chrono::system_clock::now() + deadline);
        context_.AddMetadata("x-request-id", "watch-1");
        reader_ = stub.Watch(&context_, request);
    }
    ~WatchingClient() {
        context_.TryCancel();
        if (!status_) static_cast<void>(end());
    }
    WatchingClient(const WatchingClient&) = delete;
    WatchingClient& operator=(const WatchingClient&) = delete;

    /// The next message; an empty one at the end.
    proto::ProductChange next() {
        proto::ProductChange message;
        return reader_->Read(&message) ? message : proto::ProductChange();
    }
    /// Each as `KIND position product version`, as far as it has them, until one of `kind` or the end.
    std::vector<std::string> until(proto::ProductChange::MessageKind kind) {
        std::vector<std::string> told;
        proto::ProductChange message;
        while (reader_->Read(&message)) {
            told.push_back(line_of(message));
            if (message.kind() == kind) break;
        }
        return told;
    }
    static std::string line_of(const proto::ProductChange& message) {
        auto line = proto::ProductChange::MessageKind_Name(message.kind()) + " " + message.position();
        if (!message.productid().empty()) {
            line += fmt::format(" {} v{}{}", std::stoi(message.productid().substr(16), nullptr, 16), message.version(),
                                message.deleted() ? " deleted" : "");
        }
        return line;
    }
    void cancel() { context_.TryCancel(); }
    /// How it ended, whatever comes before.
    const grpc::Status& end() {
        proto::ProductChange message;
        while (reader_->Read(&message)) last_ = message;
        status_ = reader_->Finish();
        return *status_;
    }
    /// The last message before end().
    const proto::ProductChange& last() const { return last_; }

private:
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientReader<proto::ProductChange>> reader_;
    proto::ProductChange last_;
    std::optional<grpc::Status> status_;
};

class GrpcWatchFixture : public GrpcFixture {
public:
    using Kind = proto::ProductChange;

    static proto::WatchReq since(const std::string& position) {
        proto::WatchReq request;
        request.set_since(position);
        return request;
    }
    static proto::WatchReq since(std::size_t number) { return since(MemoryChangeFeed::at(number).text); }
    /// Of one that ends by itself.
    grpc::Status end_of(const proto::WatchReq& request = {}) {
        const auto stub = client();
        return WatchingClient(*stub, request).end();
    }
    double ended(const std::string& code) const { return handled("Watch", code, "server_stream"); }
    double messages_sent() const {
        return metric(
            "grpc_server_msg_sent_total{grpc_method=\"Watch\",grpc_service=\"productsService.ProductsService\","
            "grpc_type=\"server_stream\"}");
    }
    /// The end of a stream is seen here a moment after its client has seen it.
    void wait_for_watchers(std::size_t number) const {
        while (feed->watchers() != number) std::this_thread::yield();
    }
};

/// A client that asks for changes behind `number`, and reads only when told to.
inline std::unique_ptr<RawCall> unread_watch(const std::shared_ptr<grpc::Channel>& channel, std::size_t number) {
    auto call = std::make_unique<RawCall>(channel, "/productsService.ProductsService/Watch");
    call->send(GrpcWatchFixture::since(number).SerializeAsString());
    return call;
}

}  // namespace productd
