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

/// Of a request that was traced.
WorkItem item_with_ids() {
    WorkItem item;
    item.message.position = {{"create-product", 1}, 7, Timestamp(std::chrono::milliseconds(1'000))};
    item.message.headers.push_back({"x-request-id", "order-77"});
    item.trace = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    return item;
}

auto is_its() {
    return AllOf(HasSubstr(R"("message_id":"create-product/1/7/1000")"),
                 HasSubstr(R"("request_id":"order-77","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736")"));
}

TEST_F(WorkerReportTest, EachLineAboutAMessageSaysWhoseItIs) {
    const auto item = std::make_shared<WorkItem>(item_with_ids());
    const Error error{Errc::unavailable, "It failed.", {}, "no route"};
    const auto lines = test::log_lines(
        [&] {
            report_.condemned(*item, error);
            report_.retried(error, std::vector<Item>{item});
            report_.finished(*item, Ending::applied, std::chrono::milliseconds(3));
        },
        log::Level::debug);
    EXPECT_THAT(lines, ElementsAre(AllOf(warns("becomes a dead letter"), is_its()),
                                   AllOf(HasSubstr("tried again"), is_its()), AllOf(HasSubstr("has ended"), is_its())));
}

TEST_F(WorkerReportTest, LinesAboutSeveralMessagesOrNobodysAreOfNoTrace) {
    WorkItem nobodys;
    nobodys.message.headers.push_back({"x-request-id", "no id\n"});
    const std::vector<Item> two(2, std::make_shared<WorkItem>(item_with_ids()));
    const auto lines = test::log_lines(
        [&] {
            report_.condemned(nobodys, Error{Errc::not_found, "It is not there."});
            report_.retried(Error{Errc::unavailable, "It failed."}, two);
        },
        log::Level::debug);
    EXPECT_THAT(lines, testing::Each(testing::Not(testing::AnyOf(HasSubstr("trace_id"), HasSubstr("request_id")))));
}

}  // namespace
}  // namespace productd
