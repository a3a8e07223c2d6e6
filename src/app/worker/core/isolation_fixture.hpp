// Calls that fail, for the tests of whose fault it is.
#pragma once

#include "app/worker/core/worker_core_fixture.hpp"

namespace productd::test {

class IsolationFixture : public WorkerCoreFixture {
protected:
    IsolationFixture() { settings.breaker.failures_max = 1'000; }

    /// So many failures that count, however soon they come, with so many calls at a time.
    void condemn_after(int attempts, std::size_t calls_at_a_time) {
        settings.parallelism = calls_at_a_time;
        settings.item_attempts_max = attempts;
        settings.item_retry_limit = std::chrono::milliseconds{0};
    }

    static ChangeOutcome error(Errc code) { return Error{code, "no"}; }
    void read_many(std::uint32_t from, std::uint32_t to) {
        std::vector<Change> changes;
        for (auto number = from; number <= to; ++number) changes.push_back(create(number));
        read(changes);
    }
    /// The next call, once it is time; the worker's own record is written meanwhile.
    StartCall next_call(std::chrono::milliseconds wait = std::chrono::milliseconds{1}) {
        for (int n = 0; n < 10 && calls.empty(); ++n) {
            pass(wait);
            while (!probes.empty()) end_probe();
        }
        return call();
    }
    /// Product 1 stands and product 2 fails in the same call.
    void make_culprit(Errc code = Errc::internal) {
        read({create(1), create(2)});
        answer(call(), {ChangeOutcome{standing()}, error(code)});
    }
    /// How often product 2 fails alone until its message is condemned, at most a hundred times.
    int failures_until_letter(std::chrono::milliseconds wait = std::chrono::milliseconds{1},
                              Errc code = Errc::internal) {
        int failures = 0;
        for (int n = 0; n < 100 && letters.empty(); ++n) {
            pass(wait);
            while (!probes.empty()) end_probe();
            if (!letters.empty() || calls.empty()) continue;
            ++failures;
            const auto one = call();
            EXPECT_EQ(one.changes.size(), 1U);
            answer(one, error(code));
        }
        return failures;
    }
};

}  // namespace productd::test
