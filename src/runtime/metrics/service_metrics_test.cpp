// What a scrape says of the service as a whole.
#include "runtime/metrics/service_metrics.hpp"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

#include "fakes/temp_folder.hpp"
#include "telemetry/metrics.hpp"

namespace productd {
namespace {

using testing::HasSubstr;
using testing::Not;
using Weight = Readiness::Weight;

class ServiceMetricsTest : public testing::Test {
protected:
    ServiceMetricsTest() {
        config_.data.dir = folder_ / "data";
        EXPECT_TRUE(certificate_.load(config_, std::chrono::system_clock::now()));
    }

    /// After a round in which the checks of the log and the store say this.
    std::string text(Result<> log, Result<> store, EngineConfig engine) {
        asio::io_context loop;  // Outlives what waits in it.
        Readiness readiness;
        readiness.add("log", Weight::degrading, [log]() -> Task<> { co_return log; });
        readiness.add("store", Weight::essential, [store]() -> Task<> { co_return store; });
        bool is_asked = false;
        asio::co_spawn(loop, readiness.ask_all(), [&](std::exception_ptr error, auto&&) { is_asked = !error; });
        loop.run();
        EXPECT_TRUE(is_asked);
        const auto source = std::make_shared<ServiceMetrics>(readiness, certificate_, engine);
        Metrics metrics;
        metrics.add_source(source);
        return metrics.text();
    }

    TempFolder folder_;
    Config config_;
    ServedCertificate certificate_;
    Result<> fails_ = fail(Errc::unavailable, "It does not answer.");
};

TEST_F(ServiceMetricsTest, IsReadyWhileNothingEssentialFails) {
    EXPECT_THAT(text({}, {}, {}), HasSubstr("\nproductd_ready 1\n"));
    EXPECT_THAT(text(fails_, {}, {}), HasSubstr("\nproductd_ready 1\n"));
    EXPECT_THAT(text({}, fails_, {}), HasSubstr("\nproductd_ready 0\n"));
}

TEST_F(ServiceMetricsTest, TellsOfEachServerThatIsUsedAndOfNoOther) {
    EXPECT_THAT(text({}, {}, {}), Not(HasSubstr("_up")));
    const EngineConfig servers{BusEngine::kafka, StoreEngine::mongodb, CacheEngine::memory};
    const auto without_kafka = text(fails_, {}, servers);
    EXPECT_THAT(without_kafka, HasSubstr("\nproductd_kafka_up 0\n"));
    EXPECT_THAT(without_kafka, HasSubstr("\nproductd_mongodb_up 1\n"));
    const auto without_mongodb = text({}, fails_, servers);
    EXPECT_THAT(without_mongodb, HasSubstr("\nproductd_kafka_up 1\n"));
    EXPECT_THAT(without_mongodb, HasSubstr("\nproductd_mongodb_up 0\n"));
}

TEST_F(ServiceMetricsTest, TheEndOfTheCertificateIsExactToTheSecond) {
    const auto families = ServiceMetrics(Readiness(), certificate_, {}).Collect();
    const auto found =
        std::ranges::find(families, "productd_certificate_expiry_timestamp_seconds", &prometheus::MetricFamily::name);
    ASSERT_NE(found, families.end());
    EXPECT_EQ(static_cast<std::int64_t>(found->metric.at(0).gauge.value),
              certificate_.current().not_after.time_since_epoch().count());
}

}  // namespace
}  // namespace productd
