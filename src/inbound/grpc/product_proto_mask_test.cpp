#include "inbound/grpc/product_proto_mask.hpp"

#include <gmock/gmock.h>

#include "inbound/grpc/product_proto_fixture.hpp"

namespace productd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ProductProtoMask, SetsAndClearsExactlyTheFieldsOfTheMask) {
    auto request = update_of_chair();
    request.mutable_updatemask()->add_paths("Price");
    request.mutable_updatemask()->add_paths("CategoryID");
    request.mutable_updatemask()->add_paths("ImageURL");
    request.mutable_updatemask()->add_paths("Photos");
    const auto update = read(request);
    ASSERT_TRUE(update);
    EXPECT_FALSE(violations(update->draft, Required::all).empty());
    EXPECT_EQ(
        update->draft,
        (Draft{.category_id = CategoryId{}, .price = 10.5, .image_url = "", .photos = std::vector<std::string>{}}));
}

TEST(ProductProtoMask, TakesMaskPathsInEachOfTheirSpellings) {
    for (const std::string path : {"CategoryID", "categoryId", "category_id"}) {
        auto request = update_of_chair();
        request.set_categoryid("5ff4b6a0e0b1f0a1b2c3d4e5");
        request.mutable_updatemask()->add_paths(path);
        const auto update = read(request);
        ASSERT_TRUE(update) << path;
        EXPECT_EQ(update->draft, (Draft{.category_id = CategoryId::parse("5ff4b6a0e0b1f0a1b2c3d4e5")})) << path;
    }
}

TEST(ProductProtoMask, ValidatesWhatTheMaskNames) {
    proto::UpdateReq request;
    request.set_productid("6b03ef3e1b0abb1f10e4ee16");
    for (const auto* path : {"Name", "CategoryID", "Version", "", "*"}) request.mutable_updatemask()->add_paths(path);
    request.set_categoryid("bad");
    const auto update = read(request);
    ASSERT_FALSE(update);
    EXPECT_THAT(faults(update.error()),
                ElementsAre("UpdateMask path", "UpdateMask path", "UpdateMask path", "CategoryID id", "Name length"));
    EXPECT_THAT(update.error().violations[0].detail, HasSubstr("\"Version\""));
}

TEST(ProductProtoMask, ListsFewOfManyBadMaskPathsAndCutsThemBetweenCharacters) {
    auto request = update_of_chair();
    for (int i = 0; i < 1'000; ++i) {
        std::string path = "x";
        for (int n = 0; n < 1'000; ++n) path += "é";
        request.mutable_updatemask()->add_paths(path);
    }
    const auto update = read(request);
    ASSERT_FALSE(update);
    EXPECT_EQ(update.error().violations.size(), 8u);
    EXPECT_LT(update.error().violations[0].detail.size(), 150u);
    EXPECT_THAT(update.error().violations[0].detail, HasSubstr("é…\""));
}

}  // namespace
}  // namespace productd
