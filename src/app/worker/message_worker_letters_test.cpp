// The worker while a dead letter is not acknowledged: a later change of the same product and topic would raise the
// product's fence, and hide the condemned one from whoever reads it again after a crash.
#include "app/worker/message_worker_fixture.hpp"

namespace productd {
namespace {

using namespace test;

class MessageWorkerLettersTest : public MessageWorkerFixture {
protected:
    MessageWorkerLettersTest() : MessageWorkerFixture(500) {
        log.on_publish = [this](const Record&) -> Result<> {
            if (takes_letters) return {};
            return fail(Errc::unavailable, "no");
        };
    }

    /// Makes its product too large.
    static Change large_update_of(ProductId id) {
        auto change = update_of(id, 0);
        auto draft = test::sample_draft("Table");
        draft.description = std::string(490, 'd');
        change.draft = test::valid(std::move(draft));
        return change;
    }
    /// No product gets this name.
    void fail_writes_of(const std::string& name) {
        store.on_item = [name](const ProductWrite& write) -> Result<> {
            const auto* product = std::get_if<StoredProduct>(&write.next);
            if (product && product->product.name == name) return fail(Errc::internal, "no");
            return {};
        };
    }
    bool is_condemned(std::size_t messages) const { return observer.condemned_codes.size() == messages; }
    const std::string& name_of(std::uint32_t n) { return store.product(id_of(n))->name; }

    bool takes_letters = false;
};

TEST_F(MessageWorkerLettersTest, ACrashBeforeTheLetterLosesNothingWhereALaterChangeStoodInTheSameCall) {
    publish(create_of(id_of(1), 0));
    publish(create_of(id_of(2), 0));
    work_until([&] { return ended(Ending::applied) == 2; });
    publish(large_update_of(id_of(1)));
    publish(update_of(id_of(1), 0, "Later"));
    publish(update_of(id_of(2), 0, "Other"));
    work_until([&] { return is_condemned(1) && name_of(2) == "Other"; });
    EXPECT_EQ(name_of(1), "Chair") << "what waits for the letter is not applied";

    takes_letters = true;
    work_until([&] { return finished() == 5; });
    ASSERT_EQ(dead_letters().size(), 1U);
    EXPECT_NE(dead_letters()[0].value->find(R"("offset":0,)"), std::string::npos) << *dead_letters()[0].value;
    EXPECT_EQ(name_of(1), "Later");
}

TEST_F(MessageWorkerLettersTest, LaterChangesOfTheTopicWaitForTheLetterAndThenGoOnInTheirOrder) {
    publish(create_of(id_of(1), 0));
    publish(large_update_of(id_of(1)));
    int step = 0;
    work_until([&] {
        if (step == 0 && is_condemned(1)) {
            for (const char* name : {"First", "Second", "Third"}) publish(update_of(id_of(1), 0, name));
            publish(create_of(id_of(2), 0));
            publish(update_of(id_of(2), 0, "Other"));
            step = 1;
        } else if (step == 1 && store.product(id_of(2)) && name_of(2) == "Other") {
            EXPECT_EQ(name_of(1), "Chair");
            takes_letters = true;
            step = 2;
        }
        return finished() == 7;
    });
    EXPECT_EQ(step, 2);
    EXPECT_EQ(name_of(1), "Third");
    EXPECT_EQ(store.product(id_of(1))->version, Version{4});
    EXPECT_EQ(dead_letters().size(), 1U);
}

TEST_F(MessageWorkerLettersTest, ChangesOfOtherTopicsPassAndTheNextThatIsCondemnedWaitsForItsOwnLetter) {
    for (int n = 0; n < 3; ++n) publish(create_of(id_of(1), 0));
    int step = 0;
    work_until([&] {
        if (step == 0 && is_condemned(1)) {
            publish(update_of(id_of(1), 0, "Passes"));
            step = 1;
        } else if (step == 1 && name_of(1) == "Passes") {
            EXPECT_TRUE(is_condemned(1));
            takes_letters = true;
            step = 2;
        }
        return finished() == 4;
    });
    EXPECT_EQ(step, 2);
    EXPECT_EQ(dead_letters().size(), 2U);
}

TEST_F(MessageWorkerLettersTest, ACrashLosesNoParkedChangeThatWasGivenUpWhenItsCreateCameBeforeTheLetter) {
    publish(update_of(id_of(1), 0, "First"));
    int step = 0;
    work_until([&] {
        if (step == 0 && is_condemned(1)) {
            publish(create_of(id_of(1), 0));
            publish(update_of(id_of(1), 0, "Second"));
            publish(create_of(id_of(2), 0));
            publish(update_of(id_of(2), 0, "Other"));
            step = 1;
        }
        return store.product(id_of(1)) && store.product(id_of(2)) && name_of(2) == "Other";
    });
    takes_letters = true;
    work_until([&] { return finished() == 5; });
    EXPECT_EQ(name_of(1), "Second");
    EXPECT_EQ(store.product(id_of(1))->version, Version{3}) << "the first update was read again and applied";
}

TEST_F(MessageWorkerLettersTest, ACrashLosesNoChangeWhoseAttemptsWereExhaustedBeforeTheLetter) {
    settings.item_attempts_max = 1;
    settings.item_retry_limit = std::chrono::milliseconds{0};
    fail_writes_of("Fails");
    publish(create_of(id_of(1), 0));
    work_until([&] { return ended(Ending::applied) == 1; });
    publish(update_of(id_of(1), 0, "Fails"));
    int step = 0;
    work_until([&] {
        if (step == 0 && is_condemned(1)) {
            publish(update_of(id_of(1), 0, "Later"));
            publish(create_of(id_of(2), 0));
            publish(update_of(id_of(2), 0, "Other"));
            step = 1;
        }
        return store.product(id_of(2)) && name_of(2) == "Other";
    });
    fail_writes_of("");
    takes_letters = true;
    work_until([&] { return finished() == 5; });
    EXPECT_EQ(name_of(1), "Later");
    EXPECT_EQ(store.product(id_of(1))->version, Version{3});
}

TEST_F(MessageWorkerLettersTest, WhatWaitsForALetterIsHeldUpNoLongerWhenItsPartitionsAreLost) {
    publish(create_of(id_of(1), 0));
    publish(large_update_of(id_of(1)));
    publish(update_of(id_of(1), 0, "Later"));
    int step = 0;
    work_until([&] {
        if (step == 0 && is_condemned(1)) {
            log.rebalance(true);
            step = 1;
        } else if (step == 1 && is_condemned(2)) {  // It came again.
            EXPECT_EQ(name_of(1), "Chair");
            takes_letters = true;
            step = 2;
        }
        return step == 2 && log.committed[{names.update, 0}].offset == 2;
    });
    EXPECT_EQ(name_of(1), "Later");
    EXPECT_EQ(store.product(id_of(1))->version, Version{2});
    EXPECT_EQ(dead_letters().size(), 2U) << "both letters of the one message";
}

TEST_F(MessageWorkerLettersTest, WhatWaitsForALetterHoldsItsPartitionAndKeepsOutNobodyElse) {
    settings.in_flight_max = 20;
    settings.parked_max = 5;
    publish(create_of(id_of(1), 0));
    work_until([&] { return ended(Ending::applied) == 1; });
    publish(large_update_of(id_of(1)));
    for (int n = 0; n < 60; ++n) publish(update_of(id_of(1), 0, "Later"));
    int step = 0;
    work_until([&] {
        if (step == 0 && is_condemned(1)) {
            for (std::uint32_t n = 2; n < 32; ++n) publish(create_of(id_of(n), 0));
            step = 1;
        } else if (step == 1 && ended(Ending::applied) == 31) {
            EXPECT_EQ(log.held, std::vector({TopicPartition{names.update, 0}}));
            takes_letters = true;
            step = 2;
        }
        return finished() == 92;
    });
    EXPECT_EQ(step, 2) << "the creates are applied while the letter waits";
    EXPECT_EQ(dead_letters().size(), 1U);
    EXPECT_EQ(store.product(id_of(1))->version, Version{61});
}

TEST_F(MessageWorkerLettersTest, LettersThatAreRefusedHoldUpNoneOfTheOthers) {
    log.on_publish = [](const Record& record) -> Result<> {
        if (record.value->find("never") == std::string::npos) return {};
        return fail(Errc::unavailable, "nobody leads its partition");
    };
    for (int n = 0; n < 120; ++n) log.append({.topic = names.create, .value = "never", .time = clock.now()});
    log.append({.topic = names.create, .value = "taken", .time = clock.now()});
    work_until([&] { return dead_letters().size() == 1; });
}

TEST(ProductLanes, ALetterOfALostPartitionHoldsUpNothingOfAnotherOne) {
    Intake intake({10, 1'000'000});
    ProductLanes lanes(intake, 10);
    const auto item_of = [&](std::int32_t partition) {
        auto item = std::make_shared<WorkItem>();
        item->kind = ChangeKind::update;
        item->event.change = update_of(id_of(1), 0);
        item->partition = std::make_shared<OwnedPartition>(OwnedPartition{
            .source = {"update-product", partition}, .kind = item->kind, .tracker = OffsetTracker(std::nullopt)});
        intake.add(item);
        return item;
    };
    const auto take = [&] { return lanes.take(Trust::trusted, 10, 10, {}); };
    const auto condemned = item_of(0);
    const auto waiting = item_of(1);
    lanes.add(condemned);
    ASSERT_EQ(take().size(), 1U);
    lanes.await_letter(condemned);
    lanes.add(waiting);
    lanes.release(lanes.at(id_of(1)));
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(waiting->place, WorkItem::Place::aside) << "no request need fear to wait behind it";
    EXPECT_EQ(waiting->partition->failing.messages, 1U);

    intake.remove(condemned);
    lanes.forget(*condemned->partition);
    lanes.letter_ended(condemned);
    lanes.letter_ended(condemned);  // As its letter is acknowledged all the same.
    EXPECT_EQ(take(), std::vector{waiting});
    EXPECT_EQ(waiting->partition->failing.messages, 0U);
    EXPECT_EQ(intake.failing().messages, 0U);
}

}  // namespace
}  // namespace productd
