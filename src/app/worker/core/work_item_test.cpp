// Tests of what a message is read into, and of what it occupies.
#include "app/worker/core/work_item.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

class ReadItemTest : public testing::Test {
protected:
    std::size_t bytes_of(Message message, ChangeKind kind = ChangeKind::update) {
        partition_->kind = kind;
        return read_item(partition_, std::move(message), {}).item->bytes;
    }

    std::shared_ptr<OwnedPartition> partition_ =
        std::make_shared<OwnedPartition>(OwnedPartition{.tracker = OffsetTracker(std::nullopt, {})});
};

TEST_F(ReadItemTest, CountsKeyValueAndHeadersWithTheirObjects) {
    const auto empty = bytes_of({});
    EXPECT_GE(empty, sizeof(WorkItem));
    Message message;
    message.key = std::string(10, 'k');
    EXPECT_EQ(bytes_of(message), empty + 10);
    message.value = std::string(1'000, 'v');
    EXPECT_EQ(bytes_of(message), empty + 1'010);
    message.headers = {{"name", "value"}, {"", ""}};
    EXPECT_EQ(bytes_of(message), empty + 1'010 + 2 * sizeof(Header) + 9);
}

TEST_F(ReadItemTest, CountsTheDecodedTextsBesideTheMessage) {
    const auto with = [&](const std::string& name, const std::string& more) {
        Message message;
        message.value =
            R"({"productId":"0123456789abcdef01234567","description":"A table.","price":1,"quantity":1,"rating":1,)"
            R"("name":")" +
            name + '"' + more + "}";
        const auto read = read_item(partition_, message, {});
        EXPECT_FALSE(read.failure) << read.failure->detail;
        return read.item->bytes - message.value->size();
    };
    partition_->kind = ChangeKind::update;
    const auto plain = with("Table", "");
    EXPECT_EQ(with("Table 123", ""), plain + 4);
    EXPECT_EQ(with("Table", R"(,"imageUrl":"123")"), plain + 3);
    EXPECT_EQ(with("Table", R"(,"photos":["a","bcd"])"), plain + 4 + 2 * sizeof(std::string));
}

TEST_F(ReadItemTest, KeepsWhatCannotBeReadWithItsReason) {
    Message message;
    message.value = "{";
    const auto read = read_item(partition_, message, {});
    ASSERT_TRUE(read.failure);
    EXPECT_EQ(read.failure->code, Errc::invalid_argument);
    EXPECT_EQ(read.item->message.value, "{");
}

}  // namespace
}  // namespace productd
