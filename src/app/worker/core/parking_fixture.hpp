// A core with messages that wait for their product.
#pragma once

#include "app/worker/core/worker_core_fixture.hpp"

namespace productd::test {

using namespace std::chrono_literals;

class ParkingTest : public WorkerCoreFixture {
protected:
    ParkingTest() {
        settings.parallelism = 2;
        settings.not_found_wait = 10s;
    }
    void park(std::uint32_t from, std::uint32_t to) {
        for (auto number = from; number <= to; ++number) read(update(number));
        while (!calls.empty()) answer(call(), ChangeOutcome{NotApplied{}});
    }
    /// Seconds, in each of which the looks that begin find `stored`.
    void pass_seconds(int seconds, const Stored& stored = Nothing{}) {
        for (int n = 0; n < seconds; ++n) {
            pass(1s);
            while (!looks.empty()) find(look(), stored);
        }
    }
    /// The creates' partition has one more message, which is not read.
    void leave_a_create_unread(std::uint32_t number = 900) {
        read(create(number));
        apply_all();
        const TopicPartition source{settings.topics.create, 0};
        core->received({.source = source, .messages = {}, .end = ends[source.topic] + 1, .next = 0}, now);
        take();
    }
    std::vector<std::int64_t> lettered() const {
        std::vector<std::int64_t> offsets;
        for (const auto& letter : letters) offsets.push_back(letter.item->message.position.offset);
        std::ranges::sort(offsets);
        return offsets;
    }
};

}  // namespace productd::test
