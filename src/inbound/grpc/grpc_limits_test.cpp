// What a gRPC server refuses, and what it counts.
#include <gmock/gmock.h>

#include <future>

#include "async/byte_budget.hpp"
#include "inbound/grpc/grpc_fixture.hpp"
#include "inbound/grpc/grpc_raw_call_fixture.hpp"

namespace productd {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

using GrpcLimitsTest = GrpcFixture;

TEST_F(GrpcLimitsTest, RefusesCallsAboveTheBoundAtOnce) {
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

TEST_F(GrpcLimitsTest, RefusesAMessageAboveTheLimit) {
    settings.receive_bytes_max = 100'000;
    const auto stub = client();
    auto request = chair();
    request.set_imageurl(std::string(100'001, 'x'));
    proto::CreateRes reply;
    grpc::ClientContext call;
    EXPECT_EQ(stub->Create(&call, request, &reply).error_code(), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_NO_THROW(stored_chair(*stub));
}

TEST_F(GrpcLimitsTest, RefusesCallsThatHaveNoRoomInTheBudgetAndAnswersSmallOnes) {
    settings.requests_bytes = std::make_shared<ByteBudget>(512 * 1024);
    const auto stub = client();
    const auto created = stored_chair(*stub);
    auto request = chair();
    request.set_imageurl(std::string(100'000, 'x'));  // Counts three times.
    store.hold();
    proto::CreateRes held, refused;
    grpc::ClientContext first, second;
    auto one = std::async(std::launch::async, [&] { return stub->Create(&first, request, &held); });
    store.wait_for_held(1);
    EXPECT_GE(settings.requests_bytes->held(), 300'000U);

    const auto status = stub->Create(&second, request, &refused);
    EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), testing::HasSubstr("try again later"));
    EXPECT_TRUE(get(*stub, created.productid()).ok());
    store.release();
    EXPECT_TRUE(one.get().ok());
    server->stop(std::chrono::system_clock::now() + 10s);
    EXPECT_EQ(settings.requests_bytes->held(), 0U);
}

TEST_F(GrpcLimitsTest, CountsAnAnswerUntilItsClientHasTakenIt) {
    settings.requests_bytes = std::make_shared<ByteBudget>(12 << 20);
    const auto to = channel();
    const auto stub = proto::ProductsService::NewStub(to);
    auto request = chair();
    request.set_imageurl(std::string(200'000, 'x'));
    proto::CreateRes reply;
    for (int i = 0; i < 50; ++i) {  // Together far more than the windows of HTTP/2 hold.
        grpc::ClientContext call;
        ASSERT_TRUE(stub->Create(&call, request, &reply).ok());
    }
    const auto search = [&](std::int64_t size) {
        auto call = std::make_unique<RawCall>(to, "/productsService.ProductsService/Search");
        proto::SearchReq all;
        all.set_size(size);
        call->send(all.SerializeAsString());
        return call;
    };
    const auto untaken = search(50);
    while (handled("Search", "OK") == 0) std::this_thread::yield();
    EXPECT_GT(settings.requests_bytes->held(), 9'000'000U);
    EXPECT_EQ(search(50)->receive(), "closed");
    EXPECT_EQ(handled("Search", "ResourceExhausted"), 1);
}

TEST_F(GrpcLimitsTest, RefusesCompressedMessagesBeforeTheyGrow) {
    settings.receive_bytes_max = 100'000;
    const auto stub = client();
    auto request = chair();
    request.mutable_imageurl()->resize(50'000'000, 'x');
    proto::CreateRes reply;
    grpc::ClientContext call;
    call.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    const auto status = stub->Create(&call, request, &reply);
    EXPECT_EQ(status.error_code(), StatusCode::UNIMPLEMENTED) << status.error_message();
    EXPECT_EQ(metric("products_create_incoming_grpc_requests_total"), 0);
}

}  // namespace
}  // namespace productd
