// What the worker makes of messages.
#include "app/worker/message_worker_fixture.hpp"

#include <random>

namespace productd {
namespace {

using namespace test;

class MessageWorkerTest : public MessageWorkerFixture {};

TEST_F(MessageWorkerTest, AppliesCreateUpdateAndRemovalInOrderAndCommits) {
    publish(create_of(id_of(1), 0));
    publish(update_of(id_of(1), 0));
    publish(create_of(id_of(2), 0));
    work_until([&] { return finished() == 3; });
    EXPECT_EQ(store.product(id_of(1))->version, Version{2});
    EXPECT_EQ(store.product(id_of(1))->name, "Table");
    EXPECT_EQ(log.committed.at({names.create, 0}).offset, 2);

    publish(remove_of(id_of(1), 0));
    work_until([&] { return finished() == 4; });
    EXPECT_EQ(std::get<Tombstone>(store.get(id_of(1))).version, Version{3});
    EXPECT_TRUE(dead_letters().empty());
}

TEST_F(MessageWorkerTest, CommitsBehindOffsetsThatHaveNoMessage) {
    log.marks = 2;
    publish(create_of(id_of(1), 0));
    // Given up only where creates are read to their end, which lies behind the marks.
    publish(update_of(id_of(2), 0));
    work_until([&] { return finished() == 2; });
    EXPECT_EQ(log.committed.at({names.create, 0}).offset, 3);
    EXPECT_EQ(log.committed.at({names.update, 0}).offset, 3);
    EXPECT_EQ(dead_letters().size(), 1U);
}

TEST_F(MessageWorkerTest, ParksAnUpdateUntilItsCreateComes) {
    publish(update_of(id_of(1), 0, "Table"));
    publish(update_of(id_of(1), 0, "Stool"));
    work_until([&] {
        if (store.finds > 0 && log.partitions[{names.create, 0}].empty()) publish(create_of(id_of(1), 0));
        return finished() == 3;
    });
    EXPECT_EQ(store.product(id_of(1))->name, "Stool");
    EXPECT_EQ(store.product(id_of(1))->version, Version{3});
    EXPECT_TRUE(dead_letters().empty());
}

TEST_F(MessageWorkerTest, KeepsTheOrderOfUpdatesThatACreatePassesInOneBatch) {
    // The first batch is held up until all three are read, so that they are taken together.
    settings.parallelism = 1;
    bool first = true;
    store.before_write = [&]() -> asio::awaitable<void> {
        if (!std::exchange(first, false)) co_return;
        publish(update_of(id_of(1), 0, "First", "http://first"));
        publish(create_of(id_of(1), 0));
        publish(update_of(id_of(1), 0, "Second", std::nullopt));
        while (observer.received_messages < 4) {
            co_await asio::post(context, asio::use_awaitable);
        }
    };
    publish(create_of(id_of(2), 0));
    work_until([&] { return finished() == 4; });
    EXPECT_EQ(store.product(id_of(1))->name, "Second");
    EXPECT_EQ(store.product(id_of(1))->image_url, "http://first");
    EXPECT_EQ(store.product(id_of(1))->version, Version{3});
}

TEST_F(MessageWorkerTest, ParkedUpdatesNeverKeepOutTheirCreates) {
    // The creates stand behind a backlog of others, so the updates are read long before them.
    settings.in_flight_max = 20;
    settings.parked_max = 50;
    settings.not_found_wait = std::chrono::seconds(20);
    for (std::uint32_t n = 0; n < 1'000; ++n) publish(create_of(id_of(10'000 + n), 0));
    for (std::uint32_t n = 0; n < 200; ++n) publish(create_of(id_of(n), 0));
    for (std::uint32_t n = 0; n < 200; ++n) publish(update_of(id_of(n), 0));
    clock.time += std::chrono::seconds(1);
    publish(create_of(id_of(20'000), 0));
    work_until([&] { return finished() == 1'401; });
    EXPECT_EQ(ended(Ending::applied), 1'401);
    EXPECT_TRUE(log.held.empty()) << "what was held back goes on";
}

TEST_F(MessageWorkerTest, GivesUpOnAnUpdateOfNothingAfterTheWait) {
    publish(update_of(id_of(1), 0), "w");
    work_until([&] { return finished() == 1; });
    EXPECT_EQ(observer.condemned_codes, std::vector<std::string>{"not_found"});
    EXPECT_EQ(dead_letters().size(), 1U);
    EXPECT_EQ(std::get<Error>(outcomes.told.at("w")).code, Errc::not_found);
}

TEST_F(MessageWorkerTest, UpdatesOfUnknownProductsStopNobodyElse) {
    for (std::uint32_t n = 0; n < 2'000; ++n) publish(update_of(id_of(10'000 + n), 0));
    for (std::uint32_t n = 0; n < 100; ++n) publish(create_of(id_of(n), 0));
    settings.not_found_wait = std::chrono::milliseconds{500};
    work_until([&] { return ended(Ending::applied) == 100; });
    work_until([&] { return ended(Ending::dead_lettered) >= 2'000; });
    EXPECT_EQ(ended(Ending::applied), 100);
}

TEST_F(MessageWorkerTest, PassesOverNothingOnTheWordOfMetadataThatCannotBeTrue) {
    const auto now = clock.now();
    const std::pair<std::int64_t, std::int64_t> beyond_the_end{1, 1'000'000'000'000};
    const std::pair<std::int64_t, std::int64_t> within{1, 20};
    for (const auto& metadata :
         {std::string("1;4102444800000;1+1000000000000"), encode_metadata(0, {now, {beyond_the_end}}),
          encode_metadata(0, {now + std::chrono::hours{2}, {within}})}) {
        log.partitions.clear();
        log.committed = {{{names.create, 0}, {0, metadata}}};
        observer.endings.clear();
        store.stored.clear();
        for (std::uint32_t n = 0; n < 20; ++n) publish(create_of(id_of(n), 0));
        work_until([&] { return log.committed.at({names.create, 0}).offset == 20; });
        EXPECT_EQ(ended(Ending::applied), 20) << metadata;
        EXPECT_TRUE(log.held.empty()) << metadata;
    }
}

TEST_F(MessageWorkerTest, BelievesMetadataWhereNobodyCouldTellTheLogsEnd) {
    log.knows_ends = false;
    log.committed = {{{names.create, 0}, {0, encode_metadata(0, {clock.now(), {{1, 20}}})}}};
    for (std::uint32_t n = 0; n < 20; ++n) publish(create_of(id_of(n), 0));
    work_until([&] { return log.committed.at({names.create, 0}).offset == 20; });
    EXPECT_EQ(ended(Ending::applied), 1);
}

TEST_F(MessageWorkerTest, TellsTheWaitingRequestWhatBecameOfItsEvent) {
    publish(create_of(id_of(1), 0), "created");
    publish(create_of(id_of(1), 0), "again");
    auto conditional = update_of(id_of(1), 0);
    conditional.expected = Version{9};
    publish(conditional, "refused");
    work_until([&] { return finished() == 3; });
    EXPECT_EQ(std::get<Applied>(outcomes.told.at("created")).product->version, Version{1});
    EXPECT_EQ(std::get<Error>(outcomes.told.at("again")).code, Errc::already_exists);
    EXPECT_EQ(std::get<Error>(outcomes.told.at("refused")).code, Errc::aborted);
    EXPECT_EQ(dead_letters().size(), 1U);
    EXPECT_EQ(ended(Ending::refused), 1);
}

TEST_F(MessageWorkerTest, MakesTheSameProductOfAForeignCreateWithoutIdOnEveryDelivery) {
    log.append({.topic = names.create,
                .value = R"({"productId":"000000000000000000000000","name":"Chair","description":"Wooden","price":1,)"
                         R"("quantity":1,"rating":1})",
                .time = clock.now()});
    work_until([&] { return finished() == 1; });
    log.committed.clear();
    work_until([&] { return finished() == 2; });
    EXPECT_EQ(store.stored.size(), 1U);
    EXPECT_EQ(std::get<StoredProduct>(store.stored.begin()->second).product.version, Version{1});
}

TEST_F(MessageWorkerTest, BoundsWhatIsInFlight) {
    settings.in_flight_max = 64;
    for (std::uint32_t n = 0; n < 2'000; ++n) publish(create_of(id_of(n), 0));
    work_until([&] { return finished() == 2'000; });
    EXPECT_LE(observer.in_flight_most, 64U);
}

TEST_F(MessageWorkerTest, BoundsTheMemoryOfWhatIsInFlight) {
    settings.in_flight_bytes_max = 4 * 1024 * 1024;
    const std::string description(500, 'x');
    for (std::uint32_t n = 0; n < 8'000; ++n) {
        auto change = create_of(id_of(n), 0);
        change.draft = test::valid([&] {
            auto draft = test::sample_draft("Table");
            draft.description = description;
            return draft;
        }());
        publish(std::move(change));
    }
    auto record = encode_event(names.create, {create_of(id_of(8'000), 0), {}, {}});
    for (int i = 0; i < 100'000; ++i) record.headers.push_back({"h", ""});
    log.append(std::move(record));
    work_until([&] { return finished() == 8'001; });
    EXPECT_LE(observer.bytes_most, settings.in_flight_bytes_max);
    EXPECT_GT(observer.bytes_most, settings.in_flight_bytes_max / 4) << "it has room for more";
}

TEST_F(MessageWorkerTest, EndsInTheModelsStateForRandomBursts) {
    std::mt19937 random(42);
    std::map<ProductId, std::string> model;  // Empty: deleted.
    // Between topics there is no order, so the bursts of one product stay in one topic each, one after the other.
    int expected = 0;
    for (int round = 0; round < 30; ++round) {
        for (std::uint32_t n = 0; n < 10; ++n) {
            const auto id = id_of(n);
            if (!model.contains(id) || model[id].empty()) {
                publish(create_of(id, 0));
                model[id] = "Chair";
                ++expected;
            } else if (random() % 4 == 0) {
                publish(remove_of(id, 0));
                model[id].clear();
                ++expected;
            } else {
                for (auto updates = random() % 5; updates-- > 0; ++expected) {
                    model[id] = "name-" + std::to_string(random());
                    publish(update_of(id, 0, model[id]));
                }
            }
        }
        clock.time += std::chrono::milliseconds(10);
        work_until([&] { return finished() == expected; });
    }
    for (const auto& [id, name] : model) {
        const auto* product = store.product(id);
        EXPECT_EQ(product ? product->name : "", name);
    }
    EXPECT_TRUE(dead_letters().empty());
}

}  // namespace
}  // namespace productd
