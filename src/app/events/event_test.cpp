// Messages of ours, of the older service, and of anybody.
#include "app/events/event.hpp"

#include <gtest/gtest.h>

#include <simdjson.h>
#include <filesystem>
#include <fstream>

#include "app/events/replay_headers.hpp"
#include "fakes/sample_product.hpp"
#include "tracing/trace_context.hpp"

namespace productd {
namespace {

using namespace test;

const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const Timestamp now = at(1'800'000'000'000);

Message message_of(Record record, std::int64_t offset = 5, Timestamp time = now) {
    return {{{record.topic, 0}, offset, time}, record.key, record.value, record.headers};
}

TEST(Event, ComesBackAsItWasSent) {
    auto change = create_of(id_of(1));
    change.time = now;
    change.digest = digest_of(change.draft);
    const auto record =
        encode_event("create-product", {change, "wait", {parse_traceparent(trace), "vendor=1", "user=2"}});
    EXPECT_EQ(record.key, id_of(1).hex());
    const auto event = decode_event(ChangeKind::create, message_of(record), now, now);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->change.id, change.id);
    EXPECT_EQ(event->change.draft, change.draft);
    EXPECT_EQ(event->change.time, now);
    EXPECT_EQ(event->change.digest, change.digest);
    EXPECT_EQ(event->wait_id, "wait");
    EXPECT_EQ(traceparent(event->trace.context), trace);
    EXPECT_EQ(record.headers.find(event_header::tracestate), "vendor=1");
    EXPECT_EQ(record.headers.find(event_header::baggage), "user=2");
}

TEST(Event, CarriesTheIdOfItsRequestForLogLinesWhereItMayStandThere) {
    const auto id_of_one_with = [](const std::string& id) {
        const auto record = encode_event("t", {create_of(id_of(1)), {}, {.request_id = id}});
        return std::string(request_id_of(message_of(record)));
    };
    EXPECT_EQ(id_of_one_with("order-77"), "order-77");
    EXPECT_EQ(id_of_one_with(""), "");
    EXPECT_EQ(id_of_one_with("forged\nline"), "");
    EXPECT_EQ(id_of_one_with(std::string(129, 'a')), "");
}

TEST(Event, CarriesTheConditionOfAnUpdateAndARemoval) {
    for (auto change : {update_of(id_of(1), 1), remove_of(id_of(1), 1)}) {
        change.expected = Version{41};
        const auto record = encode_event("t", {change, {}, {}});
        const auto event = decode_event(change.kind, message_of(record), now, now);
        ASSERT_TRUE(event);
        EXPECT_EQ(event->change.expected, Version{41});
    }
}

TEST(Event, ForgedDigestMakesAnOrdinaryCreate) {
    auto change = create_of(id_of(1));
    change.digest = Digest{9};
    const auto event = decode_event(ChangeKind::create, message_of(encode_event("t", {change, {}, {}})), now, now);
    EXPECT_FALSE(event->change.digest);
}

TEST(Event, TimeFarAheadIsPermanentlyBad) {
    const auto record = encode_event("t", {create_of(id_of(1)), {}, {}});
    const auto late = message_of(record, 5, now + std::chrono::hours(1) + std::chrono::milliseconds(1));
    EXPECT_EQ(decode_event(ChangeKind::create, late, now, now).error().code, Errc::invalid_argument);
    EXPECT_TRUE(is_bad_time(decode_event(ChangeKind::create, late, now, now).error()));
    EXPECT_FALSE(is_bad_time(decode_event(ChangeKind::create, message_of({.topic = "t"}), now, now).error()));
    EXPECT_TRUE(decode_event(ChangeKind::create, message_of(record, 5, now + std::chrono::hours(1)), now, now));
}

TEST(Event, UpdateAndRemovalNeedAnId) {
    const auto text = *encode_event("t", {create_of(ProductId{}), {}, {}}).value;
    EXPECT_FALSE(decode_event(ChangeKind::update, message_of({.topic = "t", .value = text}), now, now));
    EXPECT_FALSE(decode_event(ChangeKind::remove, message_of({.topic = "t", .value = "{}"}), now, now));
    EXPECT_FALSE(decode_event(ChangeKind::create, message_of({.topic = "t"}), now, now));
}

TEST(Event, DerivedIdsDependOnPositionAlone) {
    EXPECT_EQ(id_of_position(position(1, 5)), id_of_position(position(1, 5)));
    EXPECT_NE(id_of_position(position(1, 5)), id_of_position(position(2, 5)));
    EXPECT_NE(id_of_position(position(1, 5)), id_of_position(position(1, 6)));
    // 0x65000000 seconds.
    EXPECT_EQ(id_of_position(position(0, 1'694'498'816'000)).hex().substr(0, 8), "65000000");
}

TEST(Event, ReplayedCreateKeepsTheIdOfItsOrigin) {
    Record record{.topic = "create-product", .value = *encode_event("t", {create_of(ProductId{}), {}, {}}).value};
    const auto original = decode_event(ChangeKind::create, message_of(record, 7), now, now);
    record.headers.push_back({event_header::origin, to_string(message_of(record, 7).position)});
    const auto replayed =
        decode_event(ChangeKind::create, message_of(record, 900, now + std::chrono::seconds(9)), now, now);
    EXPECT_EQ(replayed->change.id, original->change.id);
}

TEST(Event, ReplayOfAnImpossibleTimeKeepsTheIdOfItsOrigin) {
    const auto impossible = now + std::chrono::hours(24 * 365 * 50);
    Record record{.topic = "create-product", .value = *encode_event("t", {create_of(ProductId{}), {}, {}}).value};
    const auto origin = message_of(record, 7, impossible).position;
    append_replay_headers(record.headers, {origin, 1, 1, now});
    for (const std::int64_t offset : {900, 901}) {
        const auto replayed = decode_event(ChangeKind::create, message_of(record, offset), now, now);
        ASSERT_TRUE(replayed) << replayed.error().detail;
        EXPECT_EQ(replayed->change.id, id_of_position(origin));
        EXPECT_EQ(replayed->change.time, now);
    }
}

// ---------------------------------------------------------------------------------------------- the older service

struct Sample {
    std::string topic;
    std::string value;
};

std::vector<Sample> older_samples() {
    const auto path = std::filesystem::path(PRODUCTD_SOURCE_DIR) / "tests/fixtures/contract-samples.json";
    simdjson::dom::parser parser;
    std::vector<Sample> samples;
    for (const auto sample : parser.load(path.string())["kafka"].get_array().value()) {
        samples.push_back(
            {std::string(std::string_view(sample["topic"])), std::string(std::string_view(sample["value"]))});
    }
    return samples;
}

TEST(OlderService, CreateMessageIsReadAndItsZeroIdAndTimesAreIgnored) {
    const auto sample = older_samples().at(0);
    const auto message = message_of({.topic = sample.topic, .value = sample.value});
    const auto event = decode_event(ChangeKind::create, message, now, now);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->change.id, id_of_position(message.position));
    EXPECT_EQ(event->change.draft, sample_draft());
    EXPECT_EQ(event->change.time, now);
}

TEST(OlderService, UpdateMessageKeepsWhatItDoesNotGive) {
    const auto sample = older_samples().at(1);
    const auto event =
        decode_event(ChangeKind::update, message_of({.topic = sample.topic, .value = sample.value}), now, now);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->change.id.hex(), "6b03ef3e1b0abb1f10e4ee16");
    EXPECT_FALSE(event->change.draft->photos);
    EXPECT_FALSE(event->change.draft->category_id);
    EXPECT_EQ(event->change.draft->price, 11.25);
}

}  // namespace
}  // namespace productd
