// A service on Kafka whose store's file is not the one that the group's commits rest on.
#include <limits>

#include "app/worker/offsets/commit_metadata.hpp"
#include "fakes/test_loop.hpp"
#include "outbound/kafka/kafka_commit_mark.hpp"
#include "outbound/kafka/kafka_message_log.hpp"
#include "runtime/rebuild_store.hpp"
#include "service/service_on_kafka.hpp"

namespace productd {
namespace {

class ServiceStoreLost : public test::ServiceOnKafka {
protected:
    static constexpr const char* well = R"({"name":"history","ok":true)";

    /// Starts a service, waits until its readiness says `history`, has it make and apply `count` products more, and
    /// stops it, with its commits.
    void serve(unsigned status, const std::string& history, int count) {
        Service service(config_);
        ASSERT_TRUE(service.start());
        ASSERT_EQ(until(service, status, history), "as expected");
        auto client = RawClient::tls(service.ports().http);
        for (int i = 0; i < count; ++i) {
            const std::string body = R"({"name":"Chair","description":"of a test","price":1,"quantity":1,"rating":5})";
            ASSERT_TRUE(
                client.send("POST /api/v1/products HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            "Content-Length: " +
                            std::to_string(body.size()) + "\r\n\r\n" + body));
            const auto made = client.receive().value_or(RawResponse{});
            ASSERT_EQ(made.header("product-state"), "applied") << made.body;
            paths_.push_back(made.header("location"));
        }
        EXPECT_EQ(service.stop(), Service::Stopped::clean);
    }

    void expect_all_there() {
        Service service(config_);
        ASSERT_TRUE(service.start());
        ASSERT_EQ(until(service, 200, well), "as expected");
        auto client = RawClient::tls(service.ports().http);
        for (const auto& path : paths_) {
            ASSERT_TRUE(client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"));
            EXPECT_EQ(client.receive().value_or(RawResponse{}).status, 200U);
        }
    }

    std::filesystem::path store() const { return folder_ / "data" / "store.db"; }
    void remove_store() const {
        for (const auto* part : {"", "-wal", "-shm"}) std::filesystem::remove(store().string() + part);
    }
    Result<RebuiltStore> rebuild() const {
        return rebuild_store(config_, [](const LogReplayCounts&) {});
    }

    Config config_ = config_in(folder_ / "data");
    std::vector<std::string> paths_;
};

TEST(StoreMarkOfACommit, FitsBehindTheLargestMetadataOfTheWorker) {
    FinishedAbove finished;
    for (std::int64_t i = 0; i < 100'000; ++i) {
        finished.ranges.emplace_back(1'000'000'000'000 + 3 * i, 1'000'000'000'001 + 3 * i);
    }
    const StoreMark mark{-1, std::numeric_limits<std::int64_t>::max()};
    const auto kept = with_mark({{0, encode_metadata(0, finished)}, mark});
    EXPECT_GT(kept.metadata.size(), 4'050U);
    EXPECT_TRUE(check_metadata(kept));
    EXPECT_EQ(marked_commit(kept).store, mark);
}

TEST_F(ServiceStoreLost, AFileThatIsGoneIsToldOfAtEachStartUntilItIsMadeAnew) {
    serve(200, well, 5);
    remove_store();
    serve(503, "rest on is gone", 2);
    serve(503, "rest on is gone", 0);

    const auto rebuilt = rebuild();
    ASSERT_TRUE(rebuilt) << rebuilt.error().detail;
    EXPECT_EQ(rebuilt->counts.read, 7U);
    EXPECT_EQ(rebuilt->counts.applied, 5U);
    EXPECT_EQ(rebuilt->counts.known, 2U);
    expect_all_there();
}

TEST_F(ServiceStoreLost, AnOlderFileIsToldOfHoweverLongItIsServed) {
    serve(200, well, 3);
    const auto backup = folder_ / "backup.db";
    std::filesystem::copy_file(store(), backup);
    serve(200, well, 2);
    remove_store();
    std::filesystem::copy_file(backup, store());
    serve(503, "the store lacks", 4);  // More than it lacks.
    serve(503, "the store lacks", 0);

    const auto rebuilt = rebuild();
    ASSERT_TRUE(rebuilt) << rebuilt.error().detail;
    EXPECT_TRUE(rebuilt->is_from_file);
    expect_all_there();
}

TEST_F(ServiceStoreLost, CommitsOfAServiceThatKnewNoMarksAreTakenAsTheyAre) {
    TestLoop loop;
    auto log = std::move(KafkaMessageLog::open(cluster_.settings())).value();
    auto member = log->subscribe(config_.kafka.group, TopicNames{}.sources(), loop.executor());
    const auto assigned = loop.run(member->next({10}));
    ASSERT_TRUE(assigned && std::holds_alternative<Assigned>(*assigned));
    for (const auto& partition : std::get<Assigned>(*assigned).partitions) {
        ASSERT_TRUE(loop.run(member->commit(partition.source, {0, "of before"})));
    }
    member.reset();
    log.reset();

    serve(200, well, 9);
    remove_store();
    serve(503, "rest on is gone", 0);
}

TEST_F(ServiceStoreLost, IsNotMadeAnewWhileAServiceIsInTheGroup) {
    serve(200, well, 2);
    config_.kafka.session_timeout = std::chrono::seconds(1);
    auto elsewhere = config_;
    elsewhere.data.dir = folder_ / "elsewhere";
    elsewhere.kafka.session_timeout = std::chrono::seconds(5);
    Service other(elsewhere);
    ASSERT_TRUE(other.start());
    ASSERT_EQ(until(other, 503, "rest on is gone"), "as expected");
    const auto rebuilt = rebuild();
    ASSERT_FALSE(rebuilt);
    EXPECT_EQ(rebuilt.error().code, Errc::failed_precondition);
    EXPECT_TRUE(rebuilt.error().detail.contains("has members")) << rebuilt.error().detail;
}

}  // namespace
}  // namespace productd
