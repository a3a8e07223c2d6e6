#include "tracing/tracer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tracing/span_fixture.hpp"

namespace productd::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const auto parent = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

TracerSettings on(SamplerSettings sampler = {}) { return {.is_on = true, .sampler = sampler}; }

SpanContext unsampled() {
    auto context = parent;
    context.is_sampled = false;
    return context;
}

TEST(Tracer, ThatIsOffStandsForWhoeverAsks) {
    Tracer tracer;
    EXPECT_EQ(tracer.serve(SpanKind::server, "GET", parent).context(), parent);
    EXPECT_EQ(tracer.start(SpanKind::client, "find", parent).context(), parent);
    EXPECT_FALSE(tracer.serve(SpanKind::server, "GET", {}).context().is_valid());
    EXPECT_THAT(sent_spans(tracer), IsEmpty());
}

TEST(Tracer, RecordsWhatASpanIsToldAndWhenItWas) {
    Tracer tracer(on());
    const auto before = std::chrono::system_clock::now().time_since_epoch();
    {
        auto span = tracer.serve(SpanKind::server, "GET", parent);
        span.set("http.route", "/products/{id}");
        span.set("http.response.status_code", std::int64_t{200});
        span.set("negative", std::int64_t{-3});
        span.set_tracestate("vendor=1");
        span.rename("GET /products/{id}");
    }
    const auto after = std::chrono::system_clock::now().time_since_epoch();
    const auto spans = sent_spans(tracer);
    ASSERT_THAT(spans, SizeIs(1));
    const auto& span = spans[0];
    EXPECT_TRUE(is_child(span, parent));
    EXPECT_NE(span.context.span, parent.span);
    EXPECT_TRUE(span.context.is_sampled);
    EXPECT_EQ(span.name, "GET /products/{id}");
    EXPECT_EQ(span.kind, 2);
    EXPECT_EQ(span.tracestate, "vendor=1");
    EXPECT_EQ(span.attributes.at("http.route"), "/products/{id}");
    EXPECT_EQ(span.attributes.at("http.response.status_code"), "200");
    EXPECT_EQ(span.attributes.at("negative"), std::to_string(static_cast<std::uint64_t>(-3)));
    EXPECT_FALSE(span.failed);
    EXPECT_GE(span.start, static_cast<std::uint64_t>(std::chrono::nanoseconds(before).count()) - 1'000'000);
    EXPECT_LE(span.start, span.end);
    EXPECT_LE(span.end, static_cast<std::uint64_t>(std::chrono::nanoseconds(after).count()));
}

TEST(Tracer, RecordsAFailureAsStatusAndException) {
    Tracer tracer(on());
    tracer.serve(SpanKind::server, "GET", {}).fail("unavailable", "The store is down.");
    const auto spans = sent_spans(tracer);
    ASSERT_THAT(spans, SizeIs(1));
    EXPECT_TRUE(spans[0].failed);
    EXPECT_EQ(spans[0].status, "The store is down.");
    EXPECT_EQ(spans[0].attributes.at("error.type"), "unavailable");
    EXPECT_EQ(spans[0].exception.at("exception.type"), "unavailable");
    EXPECT_EQ(spans[0].exception.at("exception.message"), "The store is down.");
}

TEST(Tracer, RefersToOthersThatASpanServesToo) {
    Tracer tracer(on());
    auto span = tracer.start(SpanKind::client, "poll", parent);
    const auto other = child_of(parent, 7);
    span.link(other);
    span.link({});
    span.end();
    EXPECT_THAT(sent_spans(tracer)[0].links, ElementsAre(bytes_of(other.span)));
}

TEST(Tracer, LeavesItToWhoBeganATraceWhetherItIsRecorded) {
    Tracer none(on({.ratio = 0})), all(on({.ratio = 1}));
    EXPECT_TRUE(none.serve(SpanKind::server, "GET", parent).is_recorded());
    EXPECT_FALSE(all.serve(SpanKind::server, "GET", unsampled()).is_recorded());
    EXPECT_FALSE(all.serve(SpanKind::server, "GET", unsampled()).context().is_sampled);
    Tracer strict(on({.ratio = 0, .follows_parents = false}));
    EXPECT_FALSE(strict.serve(SpanKind::server, "GET", parent).is_recorded());
    EXPECT_EQ(strict.serve(SpanKind::server, "GET", parent).context().trace, parent.trace);
}

TEST(Tracer, SamplesItsShareOfTheTracesThatBeginHere) {
    Tracer none(on({.ratio = 0})), some(on({.ratio = 0.25}));
    constexpr int roots = 4'000;
    int sampled = 0;
    for (int i = 0; i < roots; ++i) {
        const auto context = none.serve(SpanKind::server, "GET", {}).context();
        EXPECT_TRUE(context.is_valid()) << "others are told that it is not recorded";
        EXPECT_FALSE(context.is_sampled);
        sampled += some.serve(SpanKind::server, "GET", {}).is_recorded() ? 1 : 0;
    }
    EXPECT_NEAR(sampled, roots / 4, 6 * 28) << "six standard deviations";
    EXPECT_THAT(sent_spans(none), IsEmpty());
}

TEST(Tracer, ASamplerThatFollowsNobodyHoldsForWhatComesWithMessagesToo) {
    Tracer strict(on({.ratio = 0, .follows_parents = false}));
    EXPECT_FALSE(strict.start(SpanKind::producer, "send", parent).is_recorded());
    EXPECT_FALSE(strict.start_known(SpanKind::consumer, "process", parent, child_of(parent, 1)).is_recorded());
    Tracer all(on({.ratio = 1, .follows_parents = false}));
    EXPECT_TRUE(all.start(SpanKind::producer, "send", parent).is_recorded());
}

TEST(Tracer, BeginsNothingWithinATraceThatIsNotRecorded) {
    Tracer tracer(on());
    EXPECT_FALSE(tracer.start(SpanKind::client, "find", {}).is_recorded());
    EXPECT_FALSE(tracer.start(SpanKind::client, "find", unsampled()).is_recorded());
    EXPECT_FALSE(tracer.start_known(SpanKind::internal, "apply", parent, {}).is_recorded());
}

TEST(Tracer, DropsAndCountsWhatFindsTheQueueFull) {
    auto settings = on();
    settings.queue_spans_max = 3;
    Tracer tracer(settings);
    for (int i = 0; i < 5; ++i) tracer.serve(SpanKind::server, "GET " + std::to_string(i), {});
    EXPECT_EQ(tracer.waiting(), 3U);
    EXPECT_EQ(tracer.counts().ended, 5U);
    EXPECT_EQ(tracer.counts().dropped, 2U);
    EXPECT_THAT(tracer.take(2), SizeIs(2));
    const auto left = sent_spans(tracer);
    ASSERT_THAT(left, SizeIs(1));
    EXPECT_EQ(left[0].name, "GET 2") << "oldest first";
    tracer.serve(SpanKind::server, "GET", {});
    EXPECT_EQ(tracer.waiting(), 1U) << "there is room again";
}

TEST(Tracer, GivesNoMoreBytesAtATimeThanARequestMayHaveAndAtLeastOneSpan) {
    Tracer tracer(on());
    for (int i = 0; i < 4; ++i) tracer.serve(SpanKind::server, "GET", {}).set("key", std::string(900, 'x'));
    EXPECT_THAT(tracer.take(100, 10), SizeIs(1));
    EXPECT_THAT(tracer.take(100, 2'500), SizeIs(2));
    EXPECT_THAT(tracer.take(100, 2'500), SizeIs(1));
    EXPECT_EQ(tracer.waiting(), 0U);
}

TEST(Tracer, BoundsWhatWaitsByItsBytesToo) {
    auto settings = on();
    settings.queue_bytes_max = 3'000;
    Tracer tracer(settings);
    for (int i = 0; i < 10; ++i) tracer.serve(SpanKind::server, "GET", {}).set("key", std::string(900, 'x'));
    EXPECT_EQ(tracer.waiting(), 3U);
    EXPECT_EQ(tracer.counts().dropped, 7U);
}

TEST(Tracer, SendsNothingThatACollectorWouldRefuseAsNoUtf8) {
    Tracer tracer(on());
    {
        auto span = tracer.serve(SpanKind::server, "GET", {});
        span.set("broken", "a\xff\xfe");
        span.set("whole", "Stühle");
        span.set("cut", std::string(attribute_bytes_max - 1, 'x') + "ü");
        span.set("tail", std::string(2'000, '\x80'));
        span.set("long", std::string(attribute_bytes_max + 5, 'x'));
        span.rename("\xc3");
    }
    const auto span = sent_spans(tracer).at(0);
    EXPECT_EQ(span.attributes.at("broken"), "a??");
    EXPECT_EQ(span.attributes.at("whole"), "Stühle");
    EXPECT_EQ(span.attributes.at("cut"), std::string(attribute_bytes_max - 1, 'x'));
    EXPECT_EQ(span.attributes.at("tail"), std::string(attribute_bytes_max, '?')) << "no character begins";
    EXPECT_EQ(span.attributes.at("long"), std::string(attribute_bytes_max, 'x'));
    EXPECT_EQ(span.name, "?");
}

TEST(Tracer, EndsASpanOnceAndNotAtAllIfItIsDiscarded) {
    Tracer tracer(on());
    auto span = tracer.serve(SpanKind::server, "one", {});
    span.end();
    span.end();
    auto moved = tracer.serve(SpanKind::server, "two", {});
    span = std::move(moved);
    tracer.serve(SpanKind::server, "probe", {}).discard();
    span = Span();
    const auto spans = sent_spans(tracer);
    ASSERT_THAT(spans, SizeIs(2));
    EXPECT_EQ(spans[0].name, "one");
    EXPECT_EQ(spans[1].name, "two");
}

TEST(Tracer, WakesWhoWaitsForSoManySpans) {
    Tracer tracer(on());
    std::thread waiting([&] { tracer.wait(3, std::chrono::steady_clock::time_point::max()); });
    for (int i = 0; i < 3; ++i) tracer.serve(SpanKind::server, "GET", {});
    waiting.join();
    std::thread stopped([&] { tracer.wait(1'000, std::chrono::steady_clock::time_point::max()); });
    tracer.wake();
    stopped.join();
    EXPECT_EQ(tracer.waiting(), 3U);
}

}  // namespace
}  // namespace productd::test
