// Tests of what a message is read into, and of what it occupies.
#include "app/worker/core/work_item.hpp"

#include <gtest/gtest.h>

#include "app/worker/core/intake.hpp"

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

TEST_F(ReadItemTest, CountsKeyValueAndHeaders) {
    const auto empty = bytes_of({});
    EXPECT_GE(empty, sizeof(WorkItem));
    Message message;
    message.key = std::string(10, 'k');
    EXPECT_EQ(bytes_of(message), empty + 10);
    message.value = std::string(1'000, 'v');
    EXPECT_EQ(bytes_of(message), empty + 1'010);
    message.headers = {{"name", "value"}, {"", ""}};
    EXPECT_EQ(bytes_of(message), empty + 1'010 + 9 + 4);
}

TEST_F(ReadItemTest, OccupiesNoMoreThanFetchingReckonsWithWhateverTheHeaders) {
    const auto product =
        R"({"productId":"0123456789abcdef01234567","name":"Table","description":"A table.","price":1,"quantity":1,)"
        R"("rating":1})";
    const std::string large(100'000, 'x');
    const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const auto& [count, header] :
         std::vector<std::pair<int, Header>>{{0, {}},
                                             {300'000, {"", ""}},
                                             {300'000, {"h", ""}},
                                             {100'000, {"h", "v"}},
                                             {10, {large, large}},
                                             {10, {event_header::wait_id, large}},
                                             {100, {event_header::traceparent, traceparent}}}) {
        for (const auto& value : {std::optional<std::string>(), std::optional<std::string>(product)}) {
            Message message;
            message.value = value;
            for (int i = 0; i < count; ++i) message.headers.push_back(header);
            EXPECT_LE(bytes_of(message), Intake::wire_factor * wire_bytes(message)) << count << header.name.size();
        }
    }
}

TEST_F(ReadItemTest, CountsWhatIsDecodedOfTheHeaders) {
    Message message;
    message.value = R"({"productId":"0123456789abcdef01234567"})";
    message.headers = {{"other-name-of-header", "0123456789"}};
    const auto others = bytes_of(message, ChangeKind::remove);
    message.headers = {{"productd-wait-id", "0123456789"}};
    EXPECT_EQ(bytes_of(message, ChangeKind::remove), others - 4 + 10);
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
