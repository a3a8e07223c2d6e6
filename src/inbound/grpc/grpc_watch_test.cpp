// What Watch tells, and in which order.
#include <gmock/gmock.h>

#include "inbound/grpc/grpc_watch_fixture.hpp"

namespace productd {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

using GrpcWatchTest = GrpcWatchFixture;

std::string snapshot_line(std::uint32_t number) {
    return fmt::format("SNAPSHOT m-00000004.{} {} v1", test::id_of(number).hex(), number);
}

TEST_F(GrpcWatchTest, TellsASnapshotAndItsEndAndThenWhatIsChanged) {
    changes.make(2);
    changes.make(1);
    changes.make(3);
    changes.remove(3);
    const auto stub = client();
    WatchingClient watching(*stub);
    EXPECT_THAT(watching.until(Kind::UP_TO_DATE),
                ElementsAre(snapshot_line(1), snapshot_line(2), "SNAPSHOT_END m.00000004", "UP_TO_DATE m.00000004"));
    changes.make(2);
    EXPECT_EQ(WatchingClient::line_of(watching.next()), "CHANGE m.00000005 2 v2");
    changes.remove(2);
    EXPECT_EQ(WatchingClient::line_of(watching.next()), "CHANGE m.00000006 2 v3 deleted");
}

TEST_F(GrpcWatchTest, GoesOnBehindAnyPosition) {
    for (std::uint32_t number = 1; number <= 4; ++number) changes.make(number);
    const auto stub = client();
    EXPECT_THAT(WatchingClient(*stub, since(2)).until(Kind::UP_TO_DATE),
                ElementsAre("CHANGE m.00000003 3 v1", "CHANGE m.00000004 4 v1", "UP_TO_DATE m.00000004"));
    EXPECT_THAT(WatchingClient(*stub, since(4)).until(Kind::UP_TO_DATE), ElementsAre("UP_TO_DATE m.00000004"));
    const auto inside = WatchingClient(*stub).next();
    EXPECT_EQ(WatchingClient::line_of(inside), snapshot_line(1));
    EXPECT_THAT(WatchingClient(*stub, since(inside.position())).until(Kind::SNAPSHOT_END),
                ElementsAre(snapshot_line(2), snapshot_line(3), snapshot_line(4), "SNAPSHOT_END m.00000004"));
}

TEST_F(GrpcWatchTest, TellsAllOfAChange) {
    History history;
    history.fences.remember({{"update-product", 2}, 77, test::at(1'000)}, test::at(1'000));
    changes.make(1, 5, history);
    changes.remove(1);
    const auto stub = client();
    WatchingClient watching(*stub, since(std::size_t{0}));
    const auto change = watching.next();
    EXPECT_EQ(change.productid(), test::id_of(1).hex());
    EXPECT_EQ(change.product().productid(), test::id_of(1).hex());
    EXPECT_EQ(change.product().name(), "nnnnn");
    EXPECT_EQ(change.product().version(), 1);
    EXPECT_EQ(change.time().seconds(), 1);
    EXPECT_EQ(change.cause().topic(), "update-product");
    EXPECT_EQ(change.cause().partition(), 2);
    EXPECT_EQ(change.cause().offset(), 77);
    const auto removal = watching.next();
    EXPECT_TRUE(removal.deleted());
    EXPECT_FALSE(removal.has_product());
    EXPECT_FALSE(removal.has_cause()) << "a direct write";
    EXPECT_EQ(removal.time().seconds(), 5);
}

TEST_F(GrpcWatchTest, LeavesOutProductsWhereNoneAreWanted) {
    changes.make(1, 1'000);
    const auto stub = client();
    proto::WatchReq request;
    request.set_withoutproducts(true);
    const auto told = WatchingClient(*stub, request).next();
    EXPECT_EQ(told.version(), 1);
    EXPECT_FALSE(told.has_product());
    EXPECT_LT(told.ByteSizeLong(), 200U);
}

TEST_F(GrpcWatchTest, EndsWhereAllIsToldIfThatIsWanted) {
    for (std::uint32_t number = 1; number <= 1'200; ++number) changes.make(number);
    const auto stub = client();
    proto::WatchReq request;
    request.set_untilend(true);
    WatchingClient snapshot(*stub, request);
    EXPECT_EQ(snapshot.until(Kind::UP_TO_DATE).size(), 1'202U) << "pages do not show";
    EXPECT_TRUE(snapshot.end().ok());
    request.set_since(MemoryChangeFeed::at(1'199).text);
    EXPECT_THAT(WatchingClient(*stub, request).until(Kind::UP_TO_DATE),
                ElementsAre("CHANGE m.00001200 1200 v1", "UP_TO_DATE m.00001200"));
    EXPECT_GE(ended("OK"), 1);
}

TEST_F(GrpcWatchTest, SaysWhileNothingHappensThatItLivesAndWhereItStands) {
    feed_settings.heartbeat = 10ms;
    const auto stub = client();
    WatchingClient watching(*stub, since(std::size_t{0}));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(WatchingClient::line_of(watching.next()), "UP_TO_DATE m.00000000");
    changes.make(1);
    auto told = watching.until(Kind::CHANGE);
    EXPECT_EQ(told.back(), "CHANGE m.00000001 1 v1");
    EXPECT_THAT(watching.until(Kind::UP_TO_DATE), ElementsAre("UP_TO_DATE m.00000001"));
}

TEST_F(GrpcWatchTest, EndsInOrderAtItsAgeAndSaysWhere) {
    feed_settings.stream_age = 20ms;
    changes.make(1);
    const auto stub = client();
    WatchingClient watching(*stub, since(1));
    EXPECT_TRUE(watching.end().ok());
    EXPECT_EQ(WatchingClient::line_of(watching.last()), "UP_TO_DATE m.00000001");
}

TEST_F(GrpcWatchTest, SaysHowToBeginAnewWhereAPositionIsNotGood) {
    const auto stub = client();
    const auto status = WatchingClient(*stub, since(7)).end();
    EXPECT_EQ(status.error_code(), StatusCode::OUT_OF_RANGE);
    EXPECT_THAT(status.error_message(), HasSubstr("Call Watch without Since for a snapshot first."));
    const auto never = WatchingClient(*stub, since("nonsense")).end();
    EXPECT_EQ(never.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(fields_at_fault(never), ElementsAre("Since POSITION"));
}

TEST_F(GrpcWatchTest, AnswersInWordsWhatIsNoRequest) {
    settings.receive_bytes_max = 10'000;
    const auto to = channel();
    RawCall garbled(to, "/productsService.ProductsService/Watch");
    garbled.send("\x0a\x01\xff");  // Since, not UTF-8.
    EXPECT_EQ(garbled.receive(), "closed");
    EXPECT_EQ(ended("InvalidArgument"), 1);
    const auto stub = proto::ProductsService::NewStub(to);
    EXPECT_EQ(WatchingClient(*stub, since(std::string(20'000, 'x'))).end().error_code(),
              StatusCode::RESOURCE_EXHAUSTED);
    wait_for_watchers(0);
}

TEST_F(GrpcWatchTest, FailsAtOnceWhileTheFeedDoes) {
    changes.make(1);
    const auto stub = client();
    WatchingClient watching(*stub);
    watching.until(Kind::UP_TO_DATE);
    changes.fail_with(Error{Errc::unavailable, "The store does not answer."});
    EXPECT_EQ(watching.end().error_code(), StatusCode::UNAVAILABLE);
    EXPECT_EQ(WatchingClient(*stub, since(1)).end().error_message(), "The store does not answer.");
    changes.fail_with(Error{Errc::unimplemented, "This store tells no changes."});
    EXPECT_EQ(WatchingClient(*stub).end().error_code(), StatusCode::UNIMPLEMENTED);
    changes.fail_with(std::nullopt);
    EXPECT_THAT(WatchingClient(*stub, since(1)).until(Kind::UP_TO_DATE), ElementsAre("UP_TO_DATE m.00000001"));
}

TEST_F(GrpcWatchTest, AnswersInternalWhenTheFeedThrows) {
    changes.throw_a("a secret");
    const auto status = end_of();
    EXPECT_EQ(status.error_code(), StatusCode::INTERNAL);
    EXPECT_THAT(status.error_message(), testing::Not(HasSubstr("secret")));
    wait_for_watchers(0);
}

}  // namespace
}  // namespace productd
