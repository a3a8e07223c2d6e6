// What tells of an early answer.
#include "inbound/rest/accepted_writes.hpp"

#include <gmock/gmock.h>

#include "fakes/log_lines.hpp"

namespace productd {
namespace {

using testing::HasSubstr;

TEST(AcceptedWrites, TellWhyAndWhoseRequestItIs) {
    Metrics metrics;
    AcceptedWrites accepted(metrics);
    const auto lines = test::log_lines([&] {
        accepted.note({Unawaited::Why::worker_behind, std::chrono::milliseconds(900)}, "order-77", "4bf9");
        accepted.note({Unawaited::Why::wait_is_off}, "order-78", "4bf9");
    });
    EXPECT_THAT(lines, testing::ElementsAre(HasSubstr(
                           R"("reason":"worker_behind","lag_ms":900,"request_id":"order-77","trace_id":"4bf9"})")));
    EXPECT_THAT(metrics.text(), HasSubstr(R"(productd_writes_accepted_total{reason="wait_is_off"} 1)"));
}

}  // namespace
}  // namespace productd
