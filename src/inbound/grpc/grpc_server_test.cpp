#include "inbound/grpc/grpc_server.hpp"

#include <gmock/gmock.h>

#include <latch>

#include "inbound/grpc/grpc_fixture.hpp"
#include "inbound/grpc/grpc_raw_call_fixture.hpp"

namespace productd {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

using GrpcServerTest = GrpcFixture;

// Messages of grpc.health.v1 by hand: HealthCheckRequest{service 1}, HealthCheckResponse{status 1: 1 serving, 2 not}.
const std::string serving = "\x08\x01";
const std::string not_serving = "\x08\x02";
std::string health_of(const std::string& service) {
    return service.empty() ? "" : "\x0A" + std::string(1, static_cast<char>(service.size())) + service;
}

TEST_F(GrpcServerTest, TellsItsHealthToChecksAndWatchers) {
    const auto to = channel();
    const auto check = [&](const std::string& service) {
        RawCall call(to, "/grpc.health.v1.Health/Check");
        call.send(health_of(service));
        return call.receive();
    };
    EXPECT_EQ(check(""), not_serving);
    EXPECT_EQ(check("productsService.ProductsService"), not_serving);
    RawCall watch(to, "/grpc.health.v1.Health/Watch");
    watch.send(health_of("productsService.ProductsService"));
    EXPECT_EQ(watch.receive(), not_serving);

    server->set_serving(true);
    EXPECT_EQ(watch.receive(), serving);
    EXPECT_EQ(check(""), serving);
    EXPECT_EQ(check("productsService.ProductsService"), serving);
    EXPECT_EQ(check("other"), "closed");
    server->set_serving(false);
    EXPECT_EQ(watch.receive(), not_serving);
    EXPECT_EQ(check(""), not_serving);
}

TEST_F(GrpcServerTest, ReflectsItsServices) {
    RawCall call(channel(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
    call.send(std::string("\x3A\x00", 2));  // ServerReflectionRequest{list_services 7}
    const auto services = call.receive();
    EXPECT_THAT(services, HasSubstr("productsService.ProductsService"));
    EXPECT_THAT(services, HasSubstr("grpc.health.v1.Health"));
    const std::string symbol = "productsService.ProductsService";
    call.send("\x22" + std::string(1, static_cast<char>(symbol.size())) + symbol);  // file_containing_symbol 4
    const auto file = call.receive();
    EXPECT_THAT(file, HasSubstr("GetByIDReq"));
    EXPECT_THAT(file, HasSubstr("TotalCountCapped"));
    EXPECT_THAT(file, HasSubstr("WatchReq"));
}

TEST_F(GrpcServerTest, BoundsTheThreadsThatReflectionTakes) {
    const auto to = channel();
    const auto stub = proto::ProductsService::NewStub(to);
    std::vector<std::unique_ptr<RawCall>> streams;
    int refused = 0;
    for (int i = 0; i < 30; ++i) {
        streams.push_back(
            std::make_unique<RawCall>(to, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"));
        streams.back()->send(std::string("\x3A\x00", 2));
        if (streams.back()->receive() == "closed") ++refused;
    }
    EXPECT_GE(refused, 20);
    EXPECT_LT(refused, 30);
    EXPECT_EQ(get(*stub, "6b03ef3e1b0abb1f10e4ee16").error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GrpcServerTest, UsesANewCertificateForNewConnectionsOnly) {
    const auto old_client = client();
    stored_chair(*old_client);
    const auto second = TestCertificate::make("second");
    second.save(folder / "server.crt", folder / "server.pem");
    const auto show = server->prepare_certificate();
    ASSERT_TRUE(show);
    EXPECT_EQ(get(*client(), "6b03ef3e1b0abb1f10e4ee16").error_code(), StatusCode::NOT_FOUND) << "not yet shown";
    (*show)();

    const auto refused = client();  // It still trusts only the first.
    EXPECT_EQ(get(*refused, "6b03ef3e1b0abb1f10e4ee16").error_code(), StatusCode::UNAVAILABLE);
    trusted = second.certificate;
    const auto new_client = client();
    EXPECT_EQ(get(*new_client, "6b03ef3e1b0abb1f10e4ee16").error_code(), StatusCode::NOT_FOUND);
    EXPECT_EQ(get(*old_client, "6b03ef3e1b0abb1f10e4ee16").error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GrpcServerTest, KeepsTheOldCertificateWhenTheNewOneIsNotUsable) {
    client();
    TestCertificate::make("other").save(folder / "server.crt", folder / "elsewhere.pem");
    const auto mixed = server->prepare_certificate();
    ASSERT_FALSE(mixed);
    EXPECT_THAT(mixed.error().detail, HasSubstr("does not belong to the certificate"));
    for (const auto& [from, until, what] :
         {std::tuple{-7'200L, -3'600L, "has expired"}, {3'600L, 7'200L, "is not valid yet"}}) {
        TestCertificate::make("other", from, until).save(folder / "server.crt", folder / "server.pem");
        const auto untimely = server->prepare_certificate();
        ASSERT_FALSE(untimely);
        EXPECT_THAT(untimely.error().detail, HasSubstr(what));
    }
    std::filesystem::remove(folder / "server.crt");
    const auto missing = server->prepare_certificate();
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().detail, HasSubstr("Tls.CertFile"));
    EXPECT_EQ(get(*client(), "6b03ef3e1b0abb1f10e4ee16").error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GrpcServerTest, RefusesToStartWithoutAUsableCertificate) {
    std::ofstream(folder / "server.pem", std::ios::trunc) << "no key";
    const auto started = start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::failed_precondition);
    EXPECT_THAT(started.error().detail, HasSubstr("holds no private key"));
}

TEST_F(GrpcServerTest, RefusesAPortThatIsInUse) {
    client();
    settings.port = server->port();
    const auto second = start();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::failed_precondition);
    EXPECT_EQ(second.error().detail, "Port " + std::to_string(settings.port) +
                                         " on 127.0.0.1 is in use: stop the process that holds it, or choose another "
                                         "with --grpc-port.");
}

TEST_F(GrpcServerTest, NamesAnAddressItCannotListenOn) {
    settings.address = "192.0.2.1";
    const auto started = start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().detail, AllOf(HasSubstr("192.0.2.1 cannot be opened"), HasSubstr("Server.Address")));
}

TEST_F(GrpcServerTest, RefusesConnectionsWithoutTls) {
    client();
    const auto plain = proto::ProductsService::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(server->port()), grpc::InsecureChannelCredentials()));
    EXPECT_EQ(get(*plain, "6b03ef3e1b0abb1f10e4ee16").error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(GrpcServerTest, LetsCallsInFlightFinishWhenItStops) {
    const auto stub = client();
    store.hold();
    grpc::Status status;
    std::jthread call([&] { status = get(*stub, "6b03ef3e1b0abb1f10e4ee16"); });
    store.wait_for_held(1);
    std::jthread stop([&] { server->stop(std::chrono::system_clock::now() + 1min); });
    // The server refuses new connections once it stops; only then the call is let go.
    grpc::StatusCode code;
    do {
        code = get(*client(), "6b03ef3e1b0abb1f10e4ee16").error_code();
    } while (code != StatusCode::UNAVAILABLE && code != StatusCode::DEADLINE_EXCEEDED);
    store.release();
    stop.join();
    call.join();
    EXPECT_EQ(status.error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GrpcServerTest, CutsCallsInFlightAtTheDeadlineOfItsStop) {
    const auto stub = client();
    store.hold();
    grpc::Status status;
    std::jthread call([&] { status = get(*stub, "6b03ef3e1b0abb1f10e4ee16"); });
    store.wait_for_held(1);
    server->stop(std::chrono::system_clock::now() + 20ms);
    call.join();
    EXPECT_FALSE(status.ok());
    EXPECT_NE(status.error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GrpcServerTest, SaysThatACallDoesNotComeBackInsteadOfWaitingForIt) {
    const auto stub = client();
    store.hold();
    grpc::Status status;
    std::jthread call([&] {
        grpc::ClientContext context;
        proto::UpdateReq request;
        request.set_productid("6b03ef3e1b0abb1f10e4ee16");
        request.set_name("Chair");
        request.set_description("A wooden chair");
        request.set_price(1);
        proto::UpdateRes reply;
        status = stub->Update(&context, request, &reply);
    });
    store.wait_for_held(1);  // A write is not parted from what the cache is told of it: it cannot be cut off.
    EXPECT_FALSE(server->stop(std::chrono::system_clock::now() + 20ms));
    call.join();
    EXPECT_FALSE(status.ok()) << "its client does not wait for it either";
}

TEST_F(GrpcServerTest, AnswersEveryCallOnceWhenItStopsUnderLoad) {
    settings.threads = 2;
    const auto stub = client();
    const auto created = stored_chair(*stub);
    constexpr int callers = 8;
    std::latch warm(callers);
    std::atomic<int> answered{0}, refused{0}, strange{0};
    std::vector<std::jthread> threads;
    threads.reserve(callers);
    for (int i = 0; i < callers; ++i) {
        threads.emplace_back([&] {
            const auto own = proto::ProductsService::NewStub(channel());
            for (int call = 0;; ++call) {
                const auto status = get(*own, created.productid());
                if (call == 20) warm.count_down();
                if (status.ok()) {
                    ++answered;
                    continue;
                }
                // gRPC itself cancels what comes while its word to go away is still on the way.
                const auto code = status.error_code();
                ++(code == StatusCode::UNAVAILABLE || code == StatusCode::CANCELLED ? refused : strange);
                if (call < 20) warm.count_down();
                return;
            }
        });
    }
    warm.wait();
    server->stop(std::chrono::system_clock::now() + 10s);
    for (auto& thread : threads) thread.join();
    EXPECT_GE(answered, callers * 20);
    EXPECT_EQ(refused, callers);
    EXPECT_EQ(strange, 0);
    EXPECT_EQ(metric("products_get_by_id_incoming_grpc_requests_total"), answered.load());
}

}  // namespace
}  // namespace productd
