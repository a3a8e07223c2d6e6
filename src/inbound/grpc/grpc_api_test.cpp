#include "inbound/grpc/grpc_api.hpp"

#include <gmock/gmock.h>

#include "inbound/grpc/grpc_fixture.hpp"

namespace productd {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;

using GrpcApiTest = GrpcFixture;

TEST_F(GrpcApiTest, StoresAndReturnsEveryFieldExactly) {
    const auto stub = client();
    const auto created = stored_chair(*stub);
    EXPECT_TRUE(ProductId::parse(created.productid())) << created.productid();
    EXPECT_EQ(created.categoryid(), "5ff4b6a0e0b1f0a1b2c3d4e5");
    EXPECT_EQ(created.name(), "Chair");
    EXPECT_EQ(created.description(), "A wooden chair, ça va");
    EXPECT_EQ(created.price(), 10.5);
    EXPECT_EQ(created.imageurl(), "http://x/y.png");
    EXPECT_THAT(created.photos(), ElementsAre("a", "b"));
    EXPECT_EQ(created.quantity(), 3);
    EXPECT_EQ(created.rating(), 5);
    EXPECT_EQ(created.createdat().seconds(), 1'600'000'000);
    EXPECT_EQ(created.createdat().nanos(), 123'000'000);
    EXPECT_EQ(created.version(), 1);

    proto::Product read;
    ASSERT_TRUE(get(*stub, created.productid(), &read).ok());
    EXPECT_EQ(read.SerializeAsString(), created.SerializeAsString());
}

TEST_F(GrpcApiTest, ReadsTheSameFromTheStoreWhenTheCacheHasNothing) {
    const auto stub = client();
    const auto created = stored_chair(*stub);
    cache.clear();
    proto::Product read;
    ASSERT_TRUE(get(*stub, created.productid(), &read).ok());
    EXPECT_EQ(read.SerializeAsString(), created.SerializeAsString());
}

TEST_F(GrpcApiTest, AnswersFromTheCacheWithoutAskingTheStore) {
    const auto stub = client();
    const auto created = stored_chair(*stub);
    store.fail_with(unavailable("The store is down."));
    EXPECT_TRUE(get(*stub, created.productid()).ok());
}

TEST_F(GrpcApiTest, UpdatesWithoutAMaskAndKeepsWhatIsEmpty) {
    const auto stub = client();
    const auto created = stored_chair(*stub);
    proto::UpdateReq request;
    request.set_productid(created.productid());
    request.set_name("Chair 2");
    request.set_description("Another chair");
    request.set_price(11.25);
    grpc::ClientContext call;
    proto::UpdateRes reply;
    const auto status = stub->Update(&call, request, &reply);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(reply.product().name(), "Chair 2");
    EXPECT_EQ(reply.product().quantity(), 0);
    EXPECT_EQ(reply.product().categoryid(), created.categoryid());
    EXPECT_EQ(reply.product().imageurl(), created.imageurl());
    EXPECT_THAT(reply.product().photos(), ElementsAre("a", "b"));
    EXPECT_EQ(reply.product().version(), 2);
}

TEST_F(GrpcApiTest, ClearsWhatTheMaskNamesAndTouchesNothingElse) {
    const auto stub = client();
    const auto created = stored_chair(*stub);
    proto::UpdateReq request;
    request.set_productid(created.productid());
    for (const auto* path : {"CategoryID", "photos", "image_url"}) request.mutable_updatemask()->add_paths(path);
    grpc::ClientContext call;
    proto::UpdateRes reply;
    const auto status = stub->Update(&call, request, &reply);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(reply.product().categoryid(), "");
    EXPECT_EQ(reply.product().photos_size(), 0);
    EXPECT_EQ(reply.product().imageurl(), "");
    EXPECT_EQ(reply.product().name(), "Chair");
    EXPECT_EQ(reply.product().price(), 10.5);
}

TEST_F(GrpcApiTest, DeletesAndThenFindsNothing) {
    const auto stub = client();
    const auto created = stored_chair(*stub);
    proto::DeleteReq request;
    request.set_productid(created.productid());
    grpc::ClientContext first, second;
    proto::DeleteRes reply;
    EXPECT_TRUE(stub->Delete(&first, request, &reply).ok());
    EXPECT_EQ(get(*stub, created.productid()).error_code(), StatusCode::NOT_FOUND);
    EXPECT_EQ(stub->Delete(&second, request, &reply).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GrpcApiTest, AbortsWhenTheExpectedVersionIsNotTheStoredOne) {
    const auto stub = client();
    const auto created = stored_chair(*stub);
    proto::UpdateReq update;
    update.set_productid(created.productid());
    update.mutable_updatemask()->add_paths("Rating");
    update.set_expectedversion(7);
    proto::DeleteReq removal;
    removal.set_productid(created.productid());
    removal.set_expectedversion(7);
    grpc::ClientContext first, second, third;
    proto::UpdateRes updated;
    proto::DeleteRes removed;
    EXPECT_EQ(stub->Update(&first, update, &updated).error_code(), StatusCode::ABORTED);
    EXPECT_EQ(stub->Delete(&second, removal, &removed).error_code(), StatusCode::ABORTED);
    update.set_expectedversion(1);
    EXPECT_TRUE(stub->Update(&third, update, &updated).ok());
    EXPECT_EQ(updated.product().version(), 2);
}

TEST_F(GrpcApiTest, SearchesInPages) {
    const auto stub = client();
    for (int i = 0; i < 11; ++i) stored_chair(*stub);
    proto::SearchReq request;
    request.set_search("wooden");
    proto::SearchRes reply;
    grpc::ClientContext first, second, third;
    ASSERT_TRUE(stub->Search(&first, request, &reply).ok());
    EXPECT_EQ(reply.totalcount(), 11);
    EXPECT_EQ(reply.totalpages(), 2);
    EXPECT_EQ(reply.page(), 1);
    EXPECT_EQ(reply.size(), 10);
    EXPECT_TRUE(reply.hasmore());
    EXPECT_EQ(reply.products_size(), 10);
    request.set_page(2);
    ASSERT_TRUE(stub->Search(&second, request, &reply).ok());
    EXPECT_FALSE(reply.hasmore());
    EXPECT_EQ(reply.products_size(), 1);
    request.set_search("no such");
    request.set_page(1);
    ASSERT_TRUE(stub->Search(&third, request, &reply).ok());
    EXPECT_EQ(reply.totalcount(), 0);
    EXPECT_EQ(reply.products_size(), 0);
}

TEST_F(GrpcApiTest, CountsEverythingByItsName) {
    const auto stub = client();
    const std::string labels =
        R"({grpc_method="GetByID",grpc_service="productsService.ProductsService",grpc_type="unary")";
    EXPECT_EQ(metric("products_service_requests_total"), 0);
    EXPECT_EQ(metric("products_delete_incoming_grpc_requests_total"), 0);
    EXPECT_EQ(metric(R"(grpc_server_handled_total{grpc_code="NotFound",)" + labels.substr(1) + "}"), 0);

    const auto created = stored_chair(*stub);
    get(*stub, created.productid());
    get(*stub, "6b03ef3e1b0abb1f10e4ee16");
    EXPECT_EQ(metric("products_service_requests_total"), 3);
    EXPECT_EQ(metric("products_create_incoming_grpc_requests_total"), 1);
    EXPECT_EQ(metric("products_get_by_id_incoming_grpc_requests_total"), 2);
    EXPECT_EQ(metric("products_success_incoming_grpc_messages_total"), 2);
    EXPECT_EQ(metric("products_error_incoming_grpc_message_total"), 1);
    EXPECT_EQ(metric("grpc_server_started_total" + labels + "}"), 2);
    EXPECT_EQ(metric("grpc_server_msg_received_total" + labels + "}"), 2);
    EXPECT_EQ(metric("grpc_server_msg_sent_total" + labels + "}"), 1);
    EXPECT_EQ(metric(R"(grpc_server_handled_total{grpc_code="OK",)" + labels.substr(1) + "}"), 1);
    EXPECT_EQ(metric(R"(grpc_server_handled_total{grpc_code="NotFound",)" + labels.substr(1) + "}"), 1);
    EXPECT_EQ(metric(R"(productd_grpc_request_duration_seconds_count{method="get_by_id"})"), 2);
}

}  // namespace
}  // namespace productd
