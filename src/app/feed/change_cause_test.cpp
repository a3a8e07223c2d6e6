#include "app/feed/change_cause.hpp"

#include <gtest/gtest.h>

namespace productd {

namespace {

TEST(ChangeCause, IsTheMessageWhoseTimeIsTheChanges) {
    const Timestamp time(std::chrono::milliseconds(1'000));
    StoredProduct stored;
    stored.product.updated_at = time;
    stored.history.fences.remember({{"create-product", 1}, 7, Timestamp(std::chrono::milliseconds(500))},
                                   Timestamp(std::chrono::milliseconds(500)));
    EXPECT_FALSE(message_of_change(stored)) << "a direct write came behind it";
    stored.history.fences.remember({{"update-product", 2}, 9, time}, time);
    const auto message = message_of_change(stored);
    ASSERT_TRUE(message);
    EXPECT_EQ(*message, (Position{{"update-product", 2}, 9, time}));
    EXPECT_EQ(
        message_of_change(Tombstone{{}, {}, Timestamp(std::chrono::milliseconds(500)), stored.history})->source.topic,
        "create-product");
    EXPECT_FALSE(time_of_change(Nothing{}));
    EXPECT_FALSE(message_of_change(Nothing{}));
}

}  // namespace

}  // namespace productd
