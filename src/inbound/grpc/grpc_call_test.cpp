#include "inbound/grpc/grpc_call.hpp"

#include <gmock/gmock.h>

#include <future>

#include "fakes/log_lines.hpp"
#include "inbound/grpc/grpc_fixture.hpp"
#include "inbound/grpc/grpc_raw_call_fixture.hpp"
#include "telemetry/log.hpp"

namespace productd {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

using GrpcCallTest = GrpcFixture;

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

TEST_F(GrpcCallTest, CutsOffAClientThatDoesNotTakeItsAnswer) {
    settings.write_timeout = 100ms;
    const auto to = channel();
    const auto stub = proto::ProductsService::NewStub(to);
    auto request = chair();
    request.set_imageurl(std::string(200'000, 'x'));
    for (int i = 0; i < 50; ++i) {  // Together far more than the windows of HTTP/2 hold.
        grpc::ClientContext call;
        proto::CreateRes reply;
        ASSERT_TRUE(stub->Create(&call, request, &reply).ok());
    }
    RawCall search(to, "/productsService.ProductsService/Search");
    proto::SearchReq all;
    all.set_size(50);
    search.send(all.SerializeAsString());
    while (handled("Search", "OK") == 0) std::this_thread::yield();
    EXPECT_EQ(server->calls_in_flight(), 1u);
    while (server->calls_in_flight() > 0) std::this_thread::yield();
    EXPECT_EQ(search.receive(), "closed");
}

TEST_F(GrpcCallTest, AnswersInternalWhenAHandlerThrows) {
    class ThrowingStore : public FakeProductStore {
        Task<SearchPage> search(SearchQuery, CallContext) override {
            throw std::runtime_error("a secret");
            co_return SearchPage{};
        }
    } throwing;
    Catalog broken{{throwing, cache, log, outcomes, pipeline, clock, ids}, {}};
    auto started = start_with(broken);
    ASSERT_TRUE(started) << started.error().detail;
    server = std::move(*started);
    const auto stub = client();
    const auto lines = test::log_lines([&] {
        proto::SearchRes found;
        grpc::ClientContext call;
        call.AddMetadata("x-request-id", "order-77");
        call.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        const auto status = stub->Search(&call, proto::SearchReq(), &found);
        EXPECT_EQ(status.error_code(), StatusCode::INTERNAL);
        EXPECT_THAT(status.error_message(), testing::Not(testing::HasSubstr("secret")));
    });
    EXPECT_THAT(lines,
                testing::ElementsAre(testing::AllOf(
                    testing::HasSubstr(R"("level":"error")"), testing::HasSubstr(R"("cause":"a secret")"),
                    testing::HasSubstr(R"("request_id":"order-77","trace_id":"0af7651916cd43dd8448eb211c80319c")"))));
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

TEST_F(GrpcCallTest, WritesALineForEachCallItIsAskedTo) {
    const auto lines_with = [&](GrpcAccessLog what) {
        settings.access_log = what;
        server.reset();
        const auto stub = client();
        testing::internal::CaptureStderr();
        log::start(log::Format::json, log::Level::info);
        stored_chair(*stub);
        grpc::ClientContext call;
        call.AddMetadata("x-request-id", "order-77");
        call.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        get_later(*stub, call).get();
        log::stop();
        return testing::internal::GetCapturedStderr();
    };
    const auto all = lines_with(GrpcAccessLog::all);
    EXPECT_THAT(all, testing::HasSubstr(R"("method":"Create","code":"OK","duration_ms":)"));
    EXPECT_THAT(all, testing::HasSubstr(R"("method":"GetByID","code":"NotFound","duration_ms":)"));
    EXPECT_THAT(all, testing::HasSubstr(R"("request_id":"order-77","trace_id":"0af7651916cd43dd8448eb211c80319c")"));
    EXPECT_THAT(all, testing::HasSubstr(R"("peer":"ipv4:127.0.0.1:)"));
    EXPECT_THAT(all, testing::Not(testing::HasSubstr("wooden")));
    const auto failures = lines_with(GrpcAccessLog::failures);
    EXPECT_THAT(failures, testing::Not(testing::HasSubstr("Create")));
    EXPECT_THAT(failures, testing::HasSubstr("NotFound"));
    EXPECT_EQ(lines_with(GrpcAccessLog::off), "");
}

}  // namespace
}  // namespace productd
