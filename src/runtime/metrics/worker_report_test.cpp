// What a person reads of an outage, and what a machine counts.
#include "runtime/metrics/worker_report.hpp"

#include <gmock/gmock.h>

#include "fakes/log_lines.hpp"

namespace productd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using State = CircuitBreaker::State;

class WorkerReportTest : public testing::Test {
protected:
    Metrics metrics_;
    Tracer tracer_;
    WorkerReport report_{metrics_, ProcessSpans(tracer_, {}, "group")};
};

const std::vector<Item> three(3, std::make_shared<WorkItem>());

auto warns(const std::string& part) { return AllOf(HasSubstr(R"("level":"warn")"), HasSubstr(part)); }
auto informs(const std::string& part) { return AllOf(HasSubstr(R"("level":"info")"), HasSubstr(part)); }

TEST_F(WorkerReportTest, AnOutageIsOneWarningAtItsBeginAndOneLineAtItsEndHoweverOftenItIsProbed) {
    const auto lines = test::log_lines([this] {
        report_.breaker_changed(State::open);
        for (int probe = 0; probe < 100; ++probe) {
            report_.breaker_changed(State::half_open);
            report_.breaker_changed(State::open);
        }
        report_.breaker_changed(State::half_open);
        report_.breaker_changed(State::closed);
    });
    EXPECT_THAT(lines, ElementsAre(warns("The store is down"), informs("The store is back")));
}

TEST_F(WorkerReportTest, AnOutageIsToldWithWhatTheStoreSaidLast) {
    const auto lines = test::log_lines([this] {
        report_.retried(Error{Errc::unavailable, "The store cannot be reached.", {}, "no route"}, three);
        report_.retried(Error{Errc::unavailable, "The store refuses its user.", {}, "not authorized"}, three);
        report_.breaker_changed(State::open);
    });
    EXPECT_THAT(lines, ElementsAre(AllOf(warns("The store is down"), HasSubstr("refuses its user"),
                                         HasSubstr("not authorized"))));
    EXPECT_EQ(report_.last_failure()->cause, "not authorized");
    test::log_lines([this] { report_.breaker_changed(State::closed); });
    EXPECT_FALSE(report_.last_failure()) << "the next outage has another reason";
}

TEST_F(WorkerReportTest, EachOutageIsTold) {
    const auto lines = test::log_lines([this] {
        for (int outage = 0; outage < 2; ++outage) {
            report_.breaker_changed(State::open);
            report_.breaker_changed(State::closed);
        }
    });
    EXPECT_THAT(lines, ElementsAre(warns("down"), informs("back"), warns("down"), informs("back")));
}

TEST_F(WorkerReportTest, EachCondemnedMessageIsCountedByItsCode) {
    test::log_lines([this] {
        for (int i = 0; i < 2; ++i) report_.condemned({}, Error{Errc::not_found, "There is no such product.", {}, {}});
        report_.condemned({}, Error{Errc::invalid_argument, "It is no product.", {}, {}});
    });
    for (const auto* line : {"{code=\"not_found\"} 2", "{code=\"invalid_argument\"} 1", "{code=\"internal\"} 0"}) {
        EXPECT_THAT(metrics_.text(), HasSubstr(std::string("productd_worker_condemned_total") + line + "\n"));
    }
}

TEST_F(WorkerReportTest, TheMetricTellsEachStateOfTheBreaker) {
    for (const auto state : {State::open, State::half_open, State::open, State::closed}) {
        report_.breaker_changed(state);
        EXPECT_THAT(metrics_.text(),
                    HasSubstr("productd_worker_breaker_state " + std::to_string(static_cast<int>(state)) + "\n"));
    }
}

}  // namespace
}  // namespace productd
