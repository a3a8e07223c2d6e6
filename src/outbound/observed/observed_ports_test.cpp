#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/events/event.hpp"
#include "fakes/await.hpp"
#include "fakes/fake_message_log.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"
#include "fakes/test_loop.hpp"
#include "outbound/observed/observed_message_log.hpp"
#include "outbound/observed/observed_product_cache.hpp"
#include "outbound/observed/observed_product_store.hpp"
#include "tracing/span_fixture.hpp"

namespace productd::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const auto parent = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
const CallContext traced_call(Deadline::max(), parent);

class ObservedPortsTest : public testing::Test {
protected:
    /// The only one that ended since.
    SentSpan sent() {
        auto spans = sent_spans(tracer_);
        EXPECT_THAT(spans, SizeIs(1));
        return spans.empty() ? SentSpan{} : spans.front();
    }

    Metrics metrics_;
    Tracer tracer_{{.is_on = true, .sampler = {}}};
    ObservedDatabase database_{
        .system = "mongodb", .name = "shop", .collection = "products", .server = {"db.example", 27017}};
};

TEST_F(ObservedPortsTest, AFindSaysWhatIsAskedWhereAndHowManyThereAre) {
    FakeProductStore store;
    store.stored[id_of(1)] = StoredProduct{Product{.id = id_of(1)}, {}};
    ObservedProductStore traced(store, metrics_, tracer_, database_);
    EXPECT_TRUE(await(traced.find({id_of(1), id_of(2)}, traced_call)));
    const auto span = sent();
    EXPECT_TRUE(is_child(span, parent));
    EXPECT_EQ(span.name, "find products");
    EXPECT_EQ(span.kind, static_cast<int>(SpanKind::client));
    EXPECT_EQ(span.attributes.at("db.system.name"), "mongodb");
    EXPECT_EQ(span.attributes.at("db.namespace"), "shop");
    EXPECT_EQ(span.attributes.at("db.operation.batch.size"), "2");
    EXPECT_EQ(span.attributes.at("db.response.returned_rows"), "1");
    EXPECT_EQ(span.attributes.at("server.address"), "db.example");
    EXPECT_EQ(span.attributes.at("server.port"), "27017");
    EXPECT_FALSE(span.failed);
}

TEST_F(ObservedPortsTest, ACallIsTimedByItsEndWhetherItIsTracedOrNot) {
    FakeProductStore store;
    ObservedProductStore observed(store, metrics_, tracer_, database_);
    EXPECT_TRUE(await(observed.find({id_of(1)}, Deadline::max())));
    store.on_call = [](const char*) -> Result<> { return fail(unavailable("The store is down.")); };
    EXPECT_FALSE(await(observed.find({id_of(1)}, Deadline::max())));
    EXPECT_FALSE(await(observed.find({id_of(1)}, traced_call)));
    const auto shown = metrics_.text();
    const std::string count = "productd_store_call_duration_seconds_count";
    EXPECT_THAT(shown, testing::HasSubstr(count + R"({operation="find",result="ok"} 1)"));
    EXPECT_THAT(shown, testing::HasSubstr(count + R"({operation="find",result="error"} 2)"));
    EXPECT_THAT(shown, testing::HasSubstr(count + R"({operation="write",result="ok"} 0)"));
}

TEST_F(ObservedPortsTest, ACallOfNobodysTraceIsNotRecorded) {
    FakeProductStore store;
    ObservedProductStore traced(store, metrics_, tracer_, database_);
    EXPECT_TRUE(await(traced.find({id_of(1)}, Deadline::max())));
    EXPECT_THAT(sent_spans(tracer_), IsEmpty());
}

TEST_F(ObservedPortsTest, AStoreThatFailsAndAnItemThatDoesFailTheSpanWithoutItsCause) {
    FakeProductStore store;
    ObservedProductStore traced(store, metrics_, tracer_, database_);
    store.unreadable[id_of(1)] = Error{Errc::data_loss, "Damaged.", {}, "a secret"};
    EXPECT_TRUE(await(traced.find({id_of(1)}, traced_call)));
    auto span = sent();
    EXPECT_TRUE(span.failed);
    EXPECT_EQ(span.attributes.at("error.type"), "data_loss");
    EXPECT_EQ(span.status, "Damaged.");

    store.on_call = [](const char*) -> Result<> { return fail(unavailable("The store is down.")); };
    EXPECT_FALSE(await(traced.find({id_of(2)}, traced_call)));
    span = sent();
    EXPECT_TRUE(span.failed);
    EXPECT_EQ(span.attributes.at("error.type"), "unavailable");
}

TEST_F(ObservedPortsTest, ALostRaceIsNoFailure) {
    FakeProductStore store;
    ObservedProductStore traced(store, metrics_, tracer_, database_);
    const StoredProduct next{Product{.id = id_of(1), .version = {5}}, {}};
    const auto written = await(traced.write({{Version{4}, next}}, traced_call));
    ASSERT_TRUE(written);
    EXPECT_EQ((*written)[0].error().code, Errc::aborted);
    EXPECT_FALSE(sent().failed);
}

TEST_F(ObservedPortsTest, ACachesCallsAreSpansOfWhoeverAsks) {
    FakeProductCache cache;
    ObservedProductCache traced(cache, metrics_, tracer_,
                                {.system = "redis", .name = "0", .collection = {}, .server = {}});
    EXPECT_FALSE(await(traced.find(id_of(1), parent)).hit);
    const auto span = sent();
    EXPECT_TRUE(is_child(span, parent));
    EXPECT_EQ(span.name, "get 0");
    EXPECT_EQ(span.attributes.at("db.response.returned_rows"), "0");
    EXPECT_FALSE(await(traced.find(id_of(1), {})).hit);
    await(traced.put_all({{id_of(1), CachedProduct{}, {}}}, parent));
    EXPECT_EQ(sent().name, "put 0");
}

// ---------------------------------------------------------------------------------------------- the log

class ObservedLogTest : public ObservedPortsTest {
protected:
    Record record(const SpanContext& trace) {
        Record made{.topic = "create-product", .key = "key", .value = "value", .headers = {{"other", "1"}}};
        if (trace.is_valid()) made.headers.push_back({event_header::traceparent, traceparent(trace)});
        return made;
    }

    TestLoop loop_;  // Outlives what waits in it.
    FakeMessageLog log_;
    ObservedMessageLog traced_{log_, metrics_, tracer_, {.system = "kafka", .server = {"broker.example", 9092}}};
};

TEST_F(ObservedLogTest, WhatIsPublishedSaysThatItsPublishingCausedIt) {
    EXPECT_TRUE(await(traced_.publish({record(parent)})));
    const auto span = sent();
    EXPECT_TRUE(is_child(span, parent));
    EXPECT_EQ(span.name, "send create-product");
    EXPECT_EQ(span.attributes.at("kafka.offset"), "0");
    const auto& message = log_.partitions.begin()->second.front();
    EXPECT_EQ(trace_of(message), span.context);
    EXPECT_EQ(message.headers.find("other"), "1");
    EXPECT_EQ(message.headers.size(), 2U);
}

TEST_F(ObservedLogTest, WhatIsNotRecordedIsPublishedAsItIs) {
    auto unsampled = parent;
    unsampled.is_sampled = false;
    EXPECT_TRUE(await(traced_.publish({record({}), record(unsampled)})));
    EXPECT_THAT(sent_spans(tracer_), IsEmpty());
    const auto& messages = log_.partitions.begin()->second;
    EXPECT_EQ(messages[0].headers.size(), 1U);
    EXPECT_EQ(trace_of(messages[1]), unsampled);
}

TEST_F(ObservedLogTest, ARefusedRecordFailsItsSpanAndNoOther) {
    log_.on_publish = [](const Record& one) -> Result<> {
        if (one.value == "large") return fail(Errc::out_of_range, "Too large.");
        return {};
    };
    auto large = record(parent);
    large.value = "large";
    EXPECT_TRUE(await(traced_.publish({record(parent), large})));
    const auto spans = sent_spans(tracer_);
    ASSERT_THAT(spans, SizeIs(2));
    EXPECT_FALSE(spans[0].failed);
    EXPECT_TRUE(spans[1].failed);
    EXPECT_EQ(spans[1].status, "Too large.");
}

class ObservedSubscriptionTest : public ObservedLogTest {
protected:
    /// What is read next that has messages.
    Records fetched() {
        while (true) {
            auto event = loop_.run(subscription_->next({100, 1'000'000}));
            if (auto* records = std::get_if<Records>(&*event)) return std::move(*records);
        }
    }

    std::unique_ptr<Subscription> subscription_ = traced_.subscribe("group", {"create-product"}, loop_.executor());
};

TEST_F(ObservedSubscriptionTest, AFetchAndACommitStandUnderTheFirstMessageAndReferToTheOthers) {
    const auto other = parse_traceparent("00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01");
    EXPECT_TRUE(loop_.run(log_.publish({record({}), record(parent), record(other)})));
    const auto records = fetched();
    ASSERT_THAT(records.messages, SizeIs(3));
    const auto poll = sent();
    EXPECT_TRUE(is_child(poll, parent));
    EXPECT_EQ(poll.name, "poll create-product");
    EXPECT_EQ(poll.attributes.at("messaging.batch.message_count"), "3");
    EXPECT_EQ(poll.attributes.at("messaging.consumer.group.name"), "group");
    EXPECT_THAT(poll.links, ElementsAre(bytes_of(other.span)));

    EXPECT_TRUE(loop_.run(subscription_->commit(records.source, {2, {}})));
    auto commit = sent();
    EXPECT_TRUE(is_child(commit, parent));
    EXPECT_EQ(commit.name, "commit create-product");
    EXPECT_THAT(commit.links, IsEmpty());
    EXPECT_TRUE(loop_.run(subscription_->commit_all({{records.source, {3, {}}}})));
    commit = sent();
    EXPECT_TRUE(is_child(commit, other));
    EXPECT_TRUE(loop_.run(subscription_->commit(records.source, {3, {}})));
    EXPECT_THAT(sent_spans(tracer_), IsEmpty()) << "nothing of it is any trace's";
}

TEST_F(ObservedSubscriptionTest, NothingIsRememberedOfPartitionsThatAreLetGo) {
    EXPECT_TRUE(loop_.run(log_.publish({record(parent)})));
    const auto records = fetched();
    EXPECT_EQ(sent().name, "poll create-product");
    subscription_->released({records.source});
    EXPECT_TRUE(loop_.run(subscription_->commit(records.source, {1, {}})));
    EXPECT_THAT(sent_spans(tracer_), IsEmpty());
}

}  // namespace
}  // namespace productd::test
