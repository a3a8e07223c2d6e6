// A client without generated code, for tests.
#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>

namespace productd {

/// A call of any method in bytes, one step after the other.
class RawCall {
public:
    RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method)
        : stub_(channel), call_(stub_.PrepareCall(&context_, method, &queue_)) {
        call_->StartCall(this);
        wait();
    }
    ~RawCall() {
        context_.TryCancel();
        grpc::Status status;
        call_->Finish(&status, this);
        wait();
    }
    void send(const std::string& message) {
        const grpc::Slice slice(message);
        call_->Write(grpc::ByteBuffer(&slice, 1), this);
        wait();
    }
    std::string receive() {
        grpc::ByteBuffer bytes;
        call_->Read(&bytes, this);
        if (!wait()) return "closed";
        grpc::Slice slice;
        if (!bytes.DumpToSingleSlice(&slice).ok()) return {};
        return {slice.begin(), slice.end()};
    }

private:
    bool wait() {
        void* tag = nullptr;
        bool ok = false;
        queue_.Next(&tag, &ok);
        return ok;
    }
    grpc::ClientContext context_;
    grpc::CompletionQueue queue_;
    grpc::GenericStub stub_;
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

}  // namespace productd
