// The gRPC server for tests: the real one on a free port with TLS and the real use cases, over a store and a cache in
// memory.
#pragma once

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/error_details.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>

#include "app/catalog/process_outcomes.hpp"
#include "fakes/fake_product_cache.hpp"
#include "fakes/fake_product_store.hpp"
#include "fakes/memory_change_feed.hpp"
#include "fakes/temp_folder.hpp"
#include "fakes/test_certificate.hpp"
#include "inbound/grpc/grpc_api.hpp"
#include "inbound/grpc/grpc_server.hpp"

namespace productd {

class CountingIds : public Ids {
public:
    ProductId next() override {
        ProductId::Bytes bytes{};
        const auto number = ++count_;
        bytes[0] = 1;
        for (std::size_t i = 0; i < 4; ++i) bytes[11 - i] = static_cast<std::uint8_t>(number >> (8 * i));
        return ProductId{bytes};
    }
    std::string wait_id() override { return std::to_string(++count_); }

private:
    std::atomic<std::uint32_t> count_{0};
};

class FixedClock : public Clock {
public:
    Timestamp now() const override { return time; }
    Timestamp time{std::chrono::milliseconds(1'600'000'000'123)};
};

class SteadyPipeline : public PipelineState {
public:
    std::chrono::milliseconds lag() const override { return {}; }
    bool store_is_down() const override { return false; }
};

/// gRPC never touches the log.
class NoMessageLog : public MessageLog {
public:
    Task<std::vector<Result<Position>>> publish(std::vector<Record>) override { co_return none(); }
    std::unique_ptr<Subscription> subscribe(std::string, std::vector<std::string>, asio::any_io_executor) override {
        return nullptr;
    }
    Task<std::vector<Message>> read(TopicPartition, std::int64_t, std::size_t) override { co_return none(); }
    Task<> trim(TopicPartition, std::int64_t) override { co_return none(); }
    Task<std::vector<std::string>> create(std::vector<TopicSpec>) override { co_return none(); }
    Task<std::vector<TopicInfo>> describe(std::vector<std::string>) override { co_return none(); }
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string) override { co_return none(); }
    Task<> check() override { co_return none(); }

private:
    static std::unexpected<Error> none() { return fail(Errc::unimplemented, "There is no log."); }
};

class UnobservedFeed : public FeedObserver {
public:
    void on_change(std::chrono::milliseconds) override {}
};

/// Of no product.
inline constexpr const char* unknown_id = "6b03ef3e1b0abb1f10e4ee16";

class GrpcFixture : public testing::Test {
public:
    GrpcFixture() {
        certificate.save(folder / "server.crt", folder / "server.pem");
        settings.port = 0;
        settings.certificate_file = folder / "server.crt";
        settings.private_key_file = folder / "server.pem";
        settings.access_log = GrpcAccessLog::off;
        settings.threads = 1;
        settings.calls_in_flight_max = 1'024;
        settings.keepalive_time = std::chrono::minutes(15);
    }
    ~GrpcFixture() override {
        store.release();
        if (feed) feed->stop();
        server.reset();
        work.reset();
    }

    Result<std::unique_ptr<GrpcServer>> start() { return start_with(catalog); }
    Result<std::unique_ptr<GrpcServer>> start_with(Catalog& reads) {
        if (!feed) {
            feed.emplace(changes, clock, delays, feed_settings, context.get_executor());
            asio::co_spawn(context, feed->run(), [](std::exception_ptr error) {
                if (error) std::rethrow_exception(error);
            });
        }
        return GrpcServer::start(settings, reads, writes, *feed, metrics, {context.get_executor()});
    }
    /// Starts the server unless it runs, and opens a connection of its own.
    std::unique_ptr<proto::ProductsService::Stub> client() { return proto::ProductsService::NewStub(channel()); }
    std::shared_ptr<grpc::Channel> channel(grpc::ChannelArguments arguments = {}) {
        if (!server) {
            auto started = start();
            if (!started) throw std::runtime_error(started.error().detail);
            server = std::move(*started);
        }
        // Otherwise gRPC would share one connection among all channels of the process to the same address.
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server->port()),
                                         grpc::SslCredentials({.pem_root_certs = trusted}), arguments);
    }

    double metric(const std::string& name_and_labels) const {
        const auto text = "\n" + metrics.text();
        const auto found = text.find("\n" + name_and_labels + " ");
        if (found == std::string::npos) throw std::runtime_error("no metric " + name_and_labels);
        return std::stod(text.substr(found + name_and_labels.size() + 2));
    }

    static proto::CreateReq chair() {
        proto::CreateReq request;
        request.set_categoryid("5ff4b6a0e0b1f0a1b2c3d4e5");
        request.set_name("Chair");
        request.set_description("A wooden chair, ça va");
        request.set_price(10.5);
        request.set_imageurl("http://x/y.png");
        request.add_photos("a");
        request.add_photos("b");
        request.set_quantity(3);
        request.set_rating(5);
        return request;
    }
    proto::Product stored_chair(proto::ProductsService::Stub& stub) {
        grpc::ClientContext call;
        proto::CreateRes reply;
        const auto status = stub.Create(&call, chair(), &reply);
        EXPECT_TRUE(status.ok()) << status.error_message();
        return reply.product();
    }
    static grpc::Status get(proto::ProductsService::Stub& stub, const std::string& id,
                            proto::Product* product = nullptr) {
        grpc::ClientContext call;
        proto::GetByIDReq request;
        request.set_productid(id);
        proto::GetByIDRes reply;
        auto status = stub.GetByID(&call, request, &reply);
        if (product) *product = reply.product();
        return status;
    }

    static std::future<grpc::Status> get_later(proto::ProductsService::Stub& stub, grpc::ClientContext& call,
                                               const std::string& id = "6b03ef3e1b0abb1f10e4ee16") {
        return std::async(std::launch::async, [&stub, &call, id] {
            proto::GetByIDReq request;
            request.set_productid(id);
            proto::GetByIDRes reply;
            return stub.GetByID(&call, request, &reply);
        });
    }
    double handled(const std::string& method, const std::string& code, const std::string& type = "unary") const {
        return metric("grpc_server_handled_total{grpc_code=\"" + code + "\",grpc_method=\"" + method +
                      "\",grpc_service=\"productsService.ProductsService\",grpc_type=\"" + type + "\"}");
    }

    TempFolder folder;
    TestCertificate certificate = TestCertificate::make("first");
    std::string trusted = certificate.certificate;
    FakeProductStore store;
    FakeProductCache cache;
    NoMessageLog log;
    CountingIds ids;
    FixedClock clock;
    SteadyPipeline pipeline;
    ProcessOutcomes outcomes{ids, 10};
    ChangeApplier applier{store, cache, 256 * 1024};
    Catalog catalog{{store, cache, log, outcomes, pipeline, clock, ids}, {}};
    asio::io_context late_loop;  // Never run.
    LateWrites late_writes{store, cache, late_loop.get_executor()};
    DirectCatalog writes{applier, store, late_writes, clock, ids, 256 * 1024};
    Metrics metrics;
    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    MemoryChangeFeed changes;
    UnobservedFeed delays;
    FeedSettings feed_settings;
    std::optional<ProductFeed> feed;  ///< From the first start.
    std::jthread thread{[this] { context.run(); }};
    GrpcServerSettings settings;
    std::unique_ptr<GrpcServer> server;
};

/// The fields at fault as `field reason`, in order.
inline std::vector<std::string> fields_at_fault(const grpc::Status& status) {
    google::rpc::Status details;
    google::rpc::BadRequest request;
    if (!grpc::ExtractErrorDetails(status, &details).ok() || details.details_size() != 1) return {};
    if (!details.details(0).UnpackTo(&request)) return {};
    std::vector<std::string> fields;
    for (const auto& violation : request.field_violations()) {
        fields.push_back(violation.field() + " " + violation.reason());
    }
    return fields;
}

}  // namespace productd
