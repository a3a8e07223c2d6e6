// What clients are told when their request is at fault, or the service.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>

#include "inbound/grpc/grpc_fixture.hpp"
#include "inbound/grpc/grpc_status.hpp"

namespace productd {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;

using GrpcApiErrors = GrpcFixture;

TEST_F(GrpcApiErrors, RefusesAPageBeyondTheLast) {
    const auto stub = client();
    proto::SearchReq request;
    request.set_page(101);
    request.set_size(100);
    proto::SearchRes reply;
    grpc::ClientContext call;
    const auto status = stub->Search(&call, request, &reply);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(fields_at_fault(status), ElementsAre("page RANGE"));
}

TEST_F(GrpcApiErrors, ListsEveryBadFieldInTheStatusDetails) {
    const auto stub = client();
    proto::CreateReq request;
    request.set_categoryid("bad");
    request.set_rating(11);
    proto::CreateRes reply;
    grpc::ClientContext call;
    const auto status = stub->Create(&call, request, &reply);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(fields_at_fault(status),
                ElementsAre("CategoryID ID", "Name REQUIRED", "Description REQUIRED", "Price RANGE", "Rating RANGE"));
}

TEST_F(GrpcApiErrors, RefusesIdsThatAreNone) {
    const auto stub = client();
    for (const auto* id : {"", "000000000000000000000000", "abc", "6b03ef3e1b0abb1f10e4ee1g"}) {
        const auto status = get(*stub, id);
        EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << id;
        EXPECT_EQ(fields_at_fault(status).size(), 1u) << id;
    }
    EXPECT_EQ(get(*stub, "6b03ef3e1b0abb1f10e4ee16").error_code(), StatusCode::NOT_FOUND);
    EXPECT_EQ(get(*stub, "6B03EF3E1B0ABB1F10E4EE16").error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GrpcApiErrors, RefusesAProductAboveTheSizeLimit) {
    const auto stub = client();
    auto request = chair();
    request.set_imageurl(std::string(300'000, 'x'));
    proto::CreateRes reply;
    grpc::ClientContext call;
    EXPECT_EQ(stub->Create(&call, request, &reply).error_code(), StatusCode::OUT_OF_RANGE);
}

TEST_F(GrpcApiErrors, TellsEveryErrorOfTheStoreByItsCodeAndHidesTheCause) {
    const auto stub = client();
    for (const auto code : enumerators<Errc>) {
        store.fail_with(Error{code, "The store does not work.", {}, "/var/secret.db: disk I/O error"});
        proto::SearchRes found;
        grpc::ClientContext call;
        const auto status = stub->Search(&call, proto::SearchReq(), &found);
        EXPECT_EQ(status.error_code(), grpc_status(code)) << name(code);
        EXPECT_EQ(status.error_message(), "The store does not work.");
        EXPECT_EQ(call.GetServerTrailingMetadata().count("x-request-id"), 1u);
    }
}

/// Sends bytes no generated client would.
grpc::Status send_raw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                      const std::string& bytes) {
    grpc::GenericStub stub(channel);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const grpc::Slice slice(bytes);
    const auto call = stub.PrepareUnaryCall(&context, "/productsService.ProductsService/" + method,
                                            grpc::ByteBuffer(&slice, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer reply;
    grpc::Status status;
    call->Finish(&reply, &status, &status);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
}

TEST_F(GrpcApiErrors, RefusesTextThatIsNotUtf8AndStoresNothing) {
    const auto to = channel();
    auto bytes = chair().SerializeAsString();
    const auto at = bytes.find("Chair");
    bytes[at] = '\xFF';
    const auto status = send_raw(to, "Create", bytes);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(fields_at_fault(status), ElementsAre("Name UTF8"));

    const auto search = send_raw(to, "Search", "\x0A\x01\xFF");
    EXPECT_EQ(search.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(fields_at_fault(search), ElementsAre("Search UTF8"));

    const auto id = send_raw(to, "GetByID", "\x0A\x01\xFF");
    EXPECT_EQ(id.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(fields_at_fault(id), ElementsAre("ProductID UTF8"));

    grpc::ClientContext call;
    proto::SearchRes found;
    const auto stub = proto::ProductsService::NewStub(to);
    ASSERT_TRUE(stub->Search(&call, proto::SearchReq(), &found).ok());
    EXPECT_EQ(found.totalcount(), 0);
}

TEST_F(GrpcApiErrors, RefusesNoiseOnEveryRpc) {
    const auto to = channel();
    for (const auto* method : {"Create", "Update", "GetByID", "Search", "Delete"}) {
        EXPECT_EQ(send_raw(to, method, "\xFF\xFF\xFF\xFF").error_code(), StatusCode::INVALID_ARGUMENT) << method;
    }
    EXPECT_EQ(send_raw(to, "Patch", "").error_code(), StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace productd
