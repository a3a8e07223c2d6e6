#include "inbound/grpc_call.hpp"

#include <gmock/gmock.h>

#include <future>

#include "inbound/grpc_fixture.hpp"

namespace productd {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

constexpr const char* unknown_id = "6b03ef3e1b0abb1f10e4ee16";

class GrpcCallTest : public GrpcFixture {
protected:
    std::future<grpc::Status> get_later(proto::ProductsService::Stub& stub, grpc::ClientContext& call) {
        return std::async(std::launch::async, [&] {
            proto::GetByIDReq request;
            request.set_productid(unknown_id);
            proto::GetByIDRes reply;
            return stub.GetByID(&call, request, &reply);
        });
    }
    double handled(const std::string& method, const std::string& code) const {
        return metric("grpc_server_handled_total{grpc_code=\"" + code + "\",grpc_method=\"" + method +
                      "\",grpc_service=\"productsService.ProductsService\",grpc_type=\"unary\"}");
    }
};

TEST_F(GrpcCallTest, EndsACallAtTheDefaultDeadline) {
    settings.deadline_default = 20ms;
    const auto stub = client();
    store.hold();
    const auto status = get(*stub, unknown_id);
    EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED);
    EXPECT_EQ(handled("GetByID", "DeadlineExceeded"), 1);
    store.wait_for_held(0);  // The read itself was cancelled.
}

TEST_F(GrpcCallTest, CutsALongerDeadlineOfTheClient) {
    settings.deadline_max = 20ms;
    const auto stub = client();
    store.hold();
    grpc::ClientContext call;
    call.set_deadline(std::chrono::system_clock::now() + 10min);
    EXPECT_EQ(get_later(*stub, call).get().error_code(), StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(GrpcCallTest, HonoursTheDeadlineOfTheClient) {
    const auto stub = client();
    store.hold();
    grpc::ClientContext call;
    call.set_deadline(std::chrono::system_clock::now() + 50ms);
    EXPECT_EQ(get_later(*stub, call).get().error_code(), StatusCode::DEADLINE_EXCEEDED);
    store.wait_for_held(0);
}

TEST_F(GrpcCallTest, FreesEverythingWhenTheClientCancels) {
    const auto stub = client();
    store.hold();
    grpc::ClientContext call;
    auto status = get_later(*stub, call);
    store.wait_for_held(1);
    EXPECT_EQ(server->calls_in_flight(), 1u);
    call.TryCancel();
    EXPECT_EQ(status.get().error_code(), StatusCode::CANCELLED);
    store.wait_for_held(0);
    server->stop(std::chrono::system_clock::now());
    EXPECT_EQ(server->calls_in_flight(), 0u);
    EXPECT_EQ(handled("GetByID", "Canceled"), 1);
}

TEST_F(GrpcCallTest, FinishesAWriteWhoseClientGaveUp) {
    const auto stub = client();
    const auto created = stored_chair(*stub);
    store.hold();
    grpc::ClientContext call;
    auto status = std::async(std::launch::async, [&] {
        proto::UpdateReq request;
        request.set_productid(created.productid());
        request.mutable_updatemask()->add_paths("Price");
        request.set_price(99);
        proto::UpdateRes reply;
        return stub->Update(&call, request, &reply);
    });
    store.wait_for_held(1);
    call.TryCancel();
    EXPECT_EQ(status.get().error_code(), StatusCode::CANCELLED);
    store.release();
    server->stop(std::chrono::system_clock::now() + 10s);  // Waits for the write, too.

    const auto id = *ProductId::parse(created.productid());
    EXPECT_EQ(std::get<StoredProduct>(store.stored(id)).product.price, 99);
    EXPECT_EQ(cache.peek(id).hit->product->price, 99);
}

TEST_F(GrpcCallTest, RefusesCallsAboveTheBoundAtOnce) {
    settings.calls_in_flight_max = 2;
    const auto stub = client();
    store.hold();
    grpc::ClientContext first, second;
    auto one = get_later(*stub, first);
    store.wait_for_held(1);  // The second follows the first read: only one asks the store.
    proto::SearchRes found;
    auto two = std::async(std::launch::async, [&] { return stub->Search(&second, proto::SearchReq(), &found); });
    store.wait_for_held(2);

    EXPECT_EQ(get(*stub, unknown_id).error_code(), StatusCode::RESOURCE_EXHAUSTED);
    store.release();
    EXPECT_EQ(one.get().error_code(), StatusCode::NOT_FOUND);
    EXPECT_TRUE(two.get().ok());
    // A place is free again once gRPC has told the end of a call, a moment after its answer.
    grpc::Status status;
    do {
        status = get(*stub, unknown_id);
    } while (status.error_code() == StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(status.error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GrpcCallTest, RefusesAMessageAboveTheLimit) {
    settings.receive_bytes_max = 100'000;
    const auto stub = client();
    auto request = chair();
    request.set_imageurl(std::string(100'001, 'x'));
    proto::CreateRes reply;
    grpc::ClientContext call;
    EXPECT_EQ(stub->Create(&call, request, &reply).error_code(), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_NO_THROW(stored_chair(*stub));
}

TEST_F(GrpcCallTest, RefusesCompressedMessagesBeforeTheyGrow) {
    settings.receive_bytes_max = 100'000;
    const auto stub = client();
    auto request = chair();
    request.set_imageurl(std::string(50'000'000, 'x'));
    proto::CreateRes reply;
    grpc::ClientContext call;
    call.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    const auto status = stub->Create(&call, request, &reply);
    EXPECT_EQ(status.error_code(), StatusCode::UNIMPLEMENTED) << status.error_message();
    EXPECT_EQ(metric("products_create_incoming_grpc_requests_total"), 0);
}

TEST_F(GrpcCallTest, AnswersInternalWhenAHandlerThrows) {
    class ThrowingStore : public FakeProductStore {
        Task<SearchPage> search(SearchQuery) override {
            throw std::runtime_error("a secret");
            co_return SearchPage{};
        }
    } throwing;
    Catalog broken{{throwing, cache, log, outcomes, pipeline, clock, ids}, {}};
    auto started = GrpcServer::start(settings, broken, writes, metrics, {context.get_executor()});
    ASSERT_TRUE(started) << started.error().detail;
    server = std::move(*started);
    const auto stub = client();
    proto::SearchRes found;
    grpc::ClientContext call;
    const auto status = stub->Search(&call, proto::SearchReq(), &found);
    EXPECT_EQ(status.error_code(), StatusCode::INTERNAL);
    EXPECT_THAT(status.error_message(), testing::Not(testing::HasSubstr("secret")));
    server.reset();
}

TEST_F(GrpcCallTest, SendsBackTheRequestIdOfAFailure) {
    const auto stub = client();
    const auto id_for = [&](const std::string& sent) {
        grpc::ClientContext call;
        if (!sent.empty()) call.AddMetadata("x-request-id", sent);
        get_later(*stub, call).get();
        const auto& trailer = call.GetServerTrailingMetadata();
        const auto found = trailer.find("x-request-id");
        return found == trailer.end() ? "" : std::string(found->second.data(), found->second.size());
    };
    EXPECT_EQ(id_for("order-77.a_B"), "order-77.a_B");
    EXPECT_EQ(id_for("").size(), 32u);
    EXPECT_EQ(id_for("bad id").size(), 32u);
    EXPECT_EQ(id_for(std::string(65, 'a')).size(), 32u);
}

}  // namespace
}  // namespace productd
