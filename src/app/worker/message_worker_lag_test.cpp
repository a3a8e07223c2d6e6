// How far behind the worker says it is: by the time that passes, not by what a clock is set to.
#include "app/worker/message_worker_fixture.hpp"

namespace productd {
namespace {

using namespace test;

class WorkerLagTest : public MessageWorkerFixture {};

/// Set forward, by whoever keeps it: requests would not wait for a worker that is in time.
TEST_F(WorkerLagTest, AStepOfTheClockIsNoLag) {
    block(id_of(1));
    publish(create_of(id_of(1), 0));
    work_until([&] {
        if (store.writes == 0) return false;
        clock.time += std::chrono::hours(2);
        EXPECT_LT(worker->lag(), std::chrono::hours(1));
        EXPECT_LT(worker->oldest_unfinished_age(), std::chrono::hours(1));
        release();
        return true;
    });
}

TEST_F(WorkerLagTest, AClockThatIsSetBackHidesNoLag) {
    block(id_of(1));
    publish(create_of(id_of(1), 0));
    std::chrono::hours step{2};
    work_until([&] {
        if (store.writes == 0) return false;
        clock.time -= std::exchange(step, {});
        const bool is_seen = worker->lag().count() > 0 && worker->oldest_unfinished_age().count() > 0;
        if (is_seen) release();
        return is_seen;
    });
}

TEST_F(WorkerLagTest, WhatWaitedInTheLogBeforeItWasReadIsLag) {
    block(id_of(1));
    publish(create_of(id_of(1), 0));
    publish(create_of(id_of(2), 0));  // So that the worker is behind while it has read the first.
    clock.time += std::chrono::hours(2);
    settings.in_flight_max = 1;
    work_until([&] {
        if (store.writes == 0) return false;
        EXPECT_GE(worker->lag(), std::chrono::hours(2));
        release();
        return true;
    });
}

}  // namespace
}  // namespace productd
