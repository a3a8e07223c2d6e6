// Who waits, who tells, and in which order.
#include "app/catalog/process_outcomes.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <thread>

#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

class ProcessOutcomesTest : public ::testing::Test {
protected:
    asio::io_context context{1};
    FakeIds ids;
    ProcessOutcomes outcomes{ids, 2};
    const Position here = position(5, 1'000);

    /// What the wait resumes with; `meanwhile` runs once it waits.
    std::optional<Outcome> waited(OutcomeWait& wait, std::chrono::milliseconds patience,
                                  std::function<void()> meanwhile) {
        std::optional<Outcome> result;
        asio::co_spawn(context, wait.until(here, std::chrono::steady_clock::now() + patience),
                       [&](std::exception_ptr, std::optional<Outcome> outcome) { result = std::move(outcome); });
        context.restart();
        context.poll();
        meanwhile();
        context.run();
        return result;
    }
};

TEST_F(ProcessOutcomesTest, ResumesWithWhatIsToldFromAnotherThread) {
    const auto wait = outcomes.expect(context.get_executor());
    const auto outcome = waited(*wait, std::chrono::seconds(30), [&] {
        std::thread([&] { outcomes.tell(wait->id(), here, Applied{nullptr, Version{7}}); }).join();
    });
    EXPECT_EQ(std::get<Applied>(outcome.value()).version, Version{7});
}

TEST_F(ProcessOutcomesTest, KeepsWhatIsToldBeforeTheAcknowledgement) {
    const auto wait = outcomes.expect(context.get_executor());
    outcomes.tell(wait->id(), here, Finished{});
    EXPECT_TRUE(waited(*wait, std::chrono::milliseconds(0), [] {}));
}

TEST_F(ProcessOutcomesTest, CountsOnlyTheVeryPositionAndId) {
    const auto wait = outcomes.expect(context.get_executor());
    for (const auto& other : {position(6, 1'000), position(5, 1'001), position(5, 1'000, "update-product"),
                              position(5, 1'000, "create-product", 1)}) {
        outcomes.tell(wait->id(), other, Finished{});
    }
    outcomes.tell("somebody else", here, Finished{});
    EXPECT_FALSE(waited(*wait, std::chrono::milliseconds(1), [] {}));
}

TEST_F(ProcessOutcomesTest, BoundsHowManyWait) {
    auto first = outcomes.expect(context.get_executor());
    const auto second = outcomes.expect(context.get_executor());
    EXPECT_FALSE(outcomes.expect(context.get_executor()));
    first.reset();
    EXPECT_TRUE(outcomes.expect(context.get_executor()));
}

}  // namespace
}  // namespace productd
