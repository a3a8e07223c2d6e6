#include "inbound/grpc/product_proto.hpp"

#include <gmock/gmock.h>

#include "inbound/grpc/product_proto_fixture.hpp"

namespace productd {
namespace {

using testing::ElementsAre;

proto::CreateReq chair() {
    proto::CreateReq request;
    request.set_name("Chair");
    request.set_description("A wooden chair");
    request.set_price(10.5);
    return request;
}

grpc::ByteBuffer bytes_of(const std::string& text) {
    grpc::Slice slice(text);
    return {&slice, 1};
}

TEST(ProductProto, WritesEveryFieldOfAProduct) {
    Product product{.id = *ProductId::parse("6b03ef3e1b0abb1f10e4ee16"),
                    .category_id = *CategoryId::parse("5FF4B6A0E0B1F0A1B2C3D4E5"),
                    .name = "Chair",
                    .description = "A wooden chair",
                    .price = 0.1,
                    .image_url = "http://x/y.png",
                    .photos = {"a", ""},
                    .quantity = 9'007'199'254'740'993,
                    .rating = 10,
                    .created_at = Timestamp(std::chrono::milliseconds(-1)),
                    .updated_at = Timestamp(std::chrono::milliseconds(1'600'000'000'123)),
                    .version = {7}};
    proto::Product message;
    write(product, message);
    EXPECT_EQ(message.productid(), "6b03ef3e1b0abb1f10e4ee16");
    EXPECT_EQ(message.categoryid(), "5ff4b6a0e0b1f0a1b2c3d4e5");
    EXPECT_EQ(message.name(), "Chair");
    EXPECT_EQ(message.description(), "A wooden chair");
    EXPECT_EQ(message.price(), 0.1);
    EXPECT_EQ(message.imageurl(), "http://x/y.png");
    EXPECT_THAT(message.photos(), ElementsAre("a", ""));
    EXPECT_EQ(message.quantity(), 9'007'199'254'740'993);
    EXPECT_EQ(message.rating(), 10);
    EXPECT_EQ(message.createdat().seconds(), -1);
    EXPECT_EQ(message.createdat().nanos(), 999'000'000);
    EXPECT_EQ(message.updatedat().seconds(), 1'600'000'000);
    EXPECT_EQ(message.updatedat().nanos(), 123'000'000);
    EXPECT_EQ(message.version(), 7);
}

TEST(ProductProto, KeepsTheNumbersOfTheContract) {
    const auto numbers = [](const google::protobuf::Message& message) {
        std::string text;
        for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
            const auto* field = message.GetDescriptor()->field(i);
            text += field->name() + "=" + std::to_string(field->number()) + " ";
        }
        return text;
    };
    EXPECT_EQ(numbers(proto::Product()),
              "ProductID=1 CategoryID=2 Name=3 Description=4 Price=5 ImageURL=6 Photos=7 Quantity=8 Rating=9 "
              "CreatedAt=10 UpdatedAt=11 Version=12 ");
    EXPECT_EQ(numbers(proto::CreateReq()),
              "CategoryID=1 Name=2 Description=3 Price=4 ImageURL=5 Photos=6 Quantity=7 Rating=8 ");
    EXPECT_EQ(numbers(proto::UpdateReq()),
              "ProductID=1 CategoryID=2 Name=3 Description=4 Price=5 ImageURL=6 Photos=7 Quantity=8 Rating=9 "
              "UpdateMask=10 ExpectedVersion=11 ");
    EXPECT_EQ(numbers(proto::SearchReq()), "Search=1 page=2 size=3 ");
    EXPECT_EQ(numbers(proto::SearchRes()),
              "TotalCount=1 TotalPages=2 Page=3 Size=4 HasMore=5 Products=6 TotalCountCapped=7 ");
    EXPECT_EQ(numbers(proto::DeleteReq()), "ProductID=1 ExpectedVersion=2 ");
    EXPECT_EQ(proto::CreateReq::descriptor()->file()->package(), "productsService");
}

TEST(ProductProto, LeavesTheCategoryOutWhenThereIsNone) {
    proto::Product message;
    write(Product{}, message);
    EXPECT_EQ(message.categoryid(), "");
}

TEST(ProductProto, ReadsACreateWithoutOptionalFields) {
    const auto draft = read(chair());
    ASSERT_TRUE(draft);
    EXPECT_EQ(*draft,
              (Draft{.name = "Chair", .description = "A wooden chair", .price = 10.5, .quantity = 0, .rating = 0}));
}

TEST(ProductProto, TakesTwentyFourZerosAsNoCategory) {
    auto request = chair();
    request.set_categoryid("000000000000000000000000");
    EXPECT_EQ((*read(request))->category_id, std::nullopt);
}

TEST(ProductProto, ListsEveryBadFieldOfACreateByItsNameInTheProto) {
    proto::CreateReq request;
    request.set_categoryid("ObjectID(\"5ff4b6a0e0b1f0a1b2c3d4e5\")");
    request.set_description("ab");
    request.set_price(std::numeric_limits<double>::quiet_NaN());
    request.set_quantity(-1);
    request.set_rating(11);
    const auto draft = read(request);
    ASSERT_FALSE(draft);
    EXPECT_EQ(draft.error().code, Errc::invalid_argument);
    EXPECT_THAT(faults(draft.error()), ElementsAre("CategoryID id", "Name required", "Description length",
                                                   "Price range", "Quantity range", "Rating range"));
    EXPECT_THAT(draft.error().violations[2].detail, testing::StartsWith("Description must"));
}

TEST(ProductProto, KeepsEmptyOptionalFieldsOfAnUpdateWithoutAMask) {
    auto request = update_of_chair();
    request.set_expectedversion(3);
    const auto update = read(request);
    ASSERT_TRUE(update);
    EXPECT_EQ(update->id.hex(), "6b03ef3e1b0abb1f10e4ee16");
    EXPECT_TRUE(violations(update->draft, Required::all).empty());
    EXPECT_EQ(update->expected, Version{3});
    EXPECT_EQ(update->draft->category_id, std::nullopt);
    EXPECT_EQ(update->draft->image_url, std::nullopt);
    EXPECT_EQ(update->draft->photos, std::nullopt);
}

TEST(ProductProto, RequiresTheRequiredFieldsOfAnUpdateWithoutAMask) {
    proto::UpdateReq request;
    const auto update = read(request);
    ASSERT_FALSE(update);
    EXPECT_THAT(faults(update.error()),
                ElementsAre("ProductID required", "Name required", "Description required", "Price range"));
}

TEST(ProductProto, RefusesANegativeExpectedVersion) {
    proto::DeleteReq request;
    request.set_productid("6b03ef3e1b0abb1f10e4ee16");
    request.set_expectedversion(-1);
    EXPECT_THAT(faults(read(request).error()), ElementsAre("ExpectedVersion range"));
}

TEST(ProductProto, RefusesIdsThatAreNone) {
    for (const auto& [text, fault] : {std::pair{"", "ProductID required"},
                                      {"000000000000000000000000", "ProductID required"},
                                      {"6b03ef3e1b0abb1f10e4ee1", "ProductID id"},
                                      {"6b03ef3e1b0abb1f10e4ee1g", "ProductID id"}}) {
        proto::GetByIDReq request;
        request.set_productid(text);
        EXPECT_THAT(faults(read(request).error()), ElementsAre(fault)) << text;
    }
}

TEST(ProductProto, NamesTheTextsThatAreNotUtf8) {
    // Fields 2 (Name, twice), 4 (Price) and 6 (Photos) of CreateReq, by hand: protobuf would not write them.
    const std::string wire("\x12\x02\xC3\x28\x12\x01\xFF\x21\0\0\0\0\0\0\x25\x40\x32\x01\x80", 19);
    auto bytes = bytes_of(wire);
    proto::CreateReq request;
    const auto parsed = parse(bytes, request);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
    EXPECT_THAT(faults(parsed.error()), ElementsAre("Name utf8", "Photos utf8"));
}

TEST(ProductProto, RefusesBytesThatAreNoMessage) {
    auto bytes = bytes_of("\xFF\xFF\xFF");
    proto::CreateReq request;
    const auto parsed = parse(bytes, request);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
    EXPECT_EQ(parsed.error().detail, "The bytes sent are not a valid productsService.CreateReq.");
}

TEST(ProductProto, RoundTripsBytes) {
    auto bytes = serialized(chair());
    proto::CreateReq request;
    ASSERT_TRUE(parse(bytes, request));
    EXPECT_EQ(request.SerializeAsString(), chair().SerializeAsString());
}

TEST(ProductProto, TakesZeroAsTheDefaultPageAndSize) {
    const auto query = read(proto::SearchReq());
    ASSERT_TRUE(query);
    EXPECT_EQ(query->page, 1);
    EXPECT_EQ(query->size, 10);
}

TEST(ProductProto, RefusesPagesAndSizesOutOfRangeTogether) {
    proto::SearchReq request;
    request.set_page(-1);
    request.set_size(101);
    EXPECT_THAT(faults(read(request).error()), ElementsAre("page range", "size range"));
    request.set_page(1);
    request.set_size(-1);
    EXPECT_THAT(faults(read(request).error()), ElementsAre("size range"));
}

TEST(ProductProto, TellsPagesAndWhetherThereAreMore) {
    const auto answer = [](std::int64_t total, bool capped, std::int64_t page, std::size_t found) {
        SearchPage result{std::vector<Product>(found), total, capped};
        proto::SearchRes message;
        write(result, {.text = "", .page = page, .size = 10}, message);
        return std::tuple(message.totalcount(), message.totalpages(), message.hasmore(), message.totalcountcapped());
    };
    EXPECT_EQ(answer(0, false, 1, 0), std::tuple(0, 0, false, false));
    EXPECT_EQ(answer(10, false, 1, 10), std::tuple(10, 1, false, false));
    EXPECT_EQ(answer(11, false, 1, 10), std::tuple(11, 2, true, false));
    EXPECT_EQ(answer(11, false, 2, 1), std::tuple(11, 2, false, false));
    EXPECT_EQ(answer(20, true, 3, 10), std::tuple(20, 2, true, true));
    EXPECT_EQ(answer(20, true, 3, 9), std::tuple(20, 2, false, true));
}

}  // namespace
}  // namespace productd
