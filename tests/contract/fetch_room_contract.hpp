// How much every Subscription delivers at a time, whatever log it belongs to. Instantiated as MessageLogContract is.
#pragma once

#include "contract/message_log_fixture.hpp"

namespace productd::contract {

template <class Harness>
class FetchRoomContract : public MessageLogFixture<Harness> {};

TYPED_TEST_SUITE_P(FetchRoomContract);

TYPED_TEST_P(FetchRoomContract, DeliversNoMoreBytesThanThereIsRoomForOrOneMessage) {
    std::vector<Record> given;
    for (int i = 0; i < 40; ++i) {
        auto one = this->record(0, std::string(static_cast<std::size_t>(i % 4) * 1'000, 'x'));
        for (int n = 0; n < 100 * (i % 3); ++n) one.headers.push_back({"h", ""});
        if (i % 10 == 5) one.value = std::string(20'000, 'y');
        given.push_back(std::move(one));
    }
    const FetchRoom room{100, 8'000};
    // What was just written, and then what has to be read anew.
    for (const bool is_new : {true, false}) {
        auto subscription = this->subscribe(is_new ? "first" : "second");
        this->assigned(*subscription);
        if (is_new) this->publish(given);
        for (std::size_t next = 0; next < given.size();) {
            const auto messages = this->delivered(*subscription, room).messages;
            ASSERT_FALSE(messages.empty());
            std::size_t bytes = 0;
            for (const auto& message : messages) {
                EXPECT_EQ(message.position.offset, static_cast<std::int64_t>(next));
                EXPECT_EQ(message.value, given[next].value);
                EXPECT_EQ(message.headers, given[next].headers);
                bytes += wire_bytes(message);
                ++next;
            }
            EXPECT_TRUE(bytes <= room.bytes || messages.size() == 1) << bytes;
        }
        subscription.reset();
        this->harness_.reopen();
    }
}

TYPED_TEST_P(FetchRoomContract, KeepsWhatThereWasNoRoomForUntilThereIs) {
    this->publish({this->record(0, "small"), this->record(0, std::string(5'000, 'x')), this->record(0, "last")});
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    const FetchRoom room{100, 1'000};
    EXPECT_EQ(this->delivered(*subscription, room).messages.size(), 1U);
    subscription->hold(this->source(0));
    this->publish(this->records(1, 1));
    EXPECT_EQ(this->delivered(*subscription, room).source, this->source(1));
    EXPECT_TRUE(this->delivered(*subscription, {}).messages.empty());
    subscription->resume(this->source(0));
    EXPECT_EQ(this->delivered(*subscription, room).messages.front().position.offset, 1);
    EXPECT_EQ(this->delivered(*subscription, room).messages.front().value, "last");
}

REGISTER_TYPED_TEST_SUITE_P(FetchRoomContract, DeliversNoMoreBytesThanThereIsRoomForOrOneMessage,
                            KeepsWhatThereWasNoRoomForUntilThereIs);

}  // namespace productd::contract
