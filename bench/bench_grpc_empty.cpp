// The least that a server of this contract can do with gRPC's C++ library: GetByID over TLS, answered at once with the
// same product by a completion queue and a thread for each, as the service has it. Says its port, and goes when its
// standard input ends.
#include <fmt/format.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

#include "product/product.grpc.pb.h"

namespace {

using productsService::GetByIDReq;
using productsService::GetByIDRes;
using Service = productsService::ProductsService::AsyncService;

constexpr int calls_armed = 8;

GetByIDRes some_product() {
    GetByIDRes answer;
    auto& product = *answer.mutable_product();
    product.set_productid("600000000000000000000000");
    product.set_name("Chair 0");
    product.set_description("A wooden chair, four legs, one back");
    product.set_price(10.5);
    product.set_quantity(3);
    product.set_rating(5);
    product.mutable_createdat()->set_seconds(1'800'000'000);
    product.mutable_updatedat()->set_seconds(1'800'000'000);
    product.set_version(1);
    return answer;
}

class Call {
public:
    Call(Service& service, grpc::ServerCompletionQueue& queue) : service_(service), queue_(queue), writer_(&context_) {
        service_.RequestGetByID(&context_, &request_, &writer_, &queue_, &queue_, this);
    }
    void fire(bool ok) {
        if (!ok || answered_) {
            delete this;
            return;
        }
        answered_ = true;
        new Call(service_, queue_);  // Deletes itself, as every example of the library has it.
        static const auto answer = some_product();
        writer_.Finish(answer, grpc::Status::OK, this);
    }

private:
    Service& service_;
    grpc::ServerCompletionQueue& queue_;
    grpc::ServerContext context_;
    GetByIDReq request_;
    grpc::ServerAsyncResponseWriter<GetByIDRes> writer_;
    bool answered_ = false;
};

std::string file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

int main(int argc, char** argv) {
    std::string certificate, key;
    std::size_t threads = 2;
    CLI::App app("An empty handler of GetByID.");
    app.add_option("--certificate", certificate)->required();
    app.add_option("--key", key)->required();
    app.add_option("--threads", threads);
    CLI11_PARSE(app, argc, argv);

    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({file(key), file(certificate)});
    Service service;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(&service);
    std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
    queues.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) queues.push_back(builder.AddCompletionQueue());
    const auto server = builder.BuildAndStart();
    std::vector<std::jthread> working;
    for (auto& queue : queues) {
        for (int i = 0; i < calls_armed; ++i) new Call(service, *queue);
        working.emplace_back([&queue = *queue] {
            void* tag = nullptr;
            for (bool ok = false; queue.Next(&tag, &ok);) static_cast<Call*>(tag)->fire(ok);
        });
    }
    fmt::print("{}\n", port);
    std::fflush(stdout);
    std::cin.get();
    server->Shutdown(std::chrono::system_clock::now());
    for (auto& queue : queues) queue->Shutdown();
}
