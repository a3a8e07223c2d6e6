#include "codec/product/product_bson.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "codec/base64.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using test::at;

/// What a document of the older service is, as its extended JSON.
Bson from_json(const std::string& text) {
    bson_error_t error;
    bson_t* parsed = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(text.data()), -1, &error);
    EXPECT_NE(parsed, nullptr) << error.message << '\n' << text;
    Bson document;
    if (parsed) bson_concat(document.get(), parsed);
    bson_destroy(parsed);
    return document;
}

Result<Stored> read(const Bson& document) { return decode_document(*document.get()); }

StoredProduct whole() {
    StoredProduct stored;
    stored.product = {.id = ProductId({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
                      .category_id = CategoryId({9}),
                      .name = std::string("na\0me", 5),
                      .description = "Süß",
                      .price = 0.1,
                      .image_url = "u",
                      .photos = {"a", "", "c"},
                      .quantity = INT64_MAX,
                      .rating = 10,
                      .created_at = at(-1),
                      .updated_at = at(1'700'000'000'000),
                      .version = {INT64_MAX}};
    stored.history.fences.remember({{"update-product", 2}, INT64_MAX, at(5)}, at(6));
    stored.history.fences.remember({{"create-product", 0}, 0, at(0)}, at(0));
    stored.history.digest = Digest{1, 2, 3};
    stored.history.deleted_at = at(7);
    return stored;
}

TEST(ProductBson, ADeletionSetsWhatATombstoneHasAndDropsTheContent) {
    const auto json_of = [](const Bson& document) {
        char* made = bson_as_canonical_extended_json(document.get(), nullptr);
        std::string text(made);
        bson_free(made);
        return text;
    };
    EXPECT_EQ(json_of(encode_deletion({ProductId({1}), {7}, at(9), {}}, at(99))),
              R"({ "$set" : { "version" : { "$numberLong" : "7" }, )"
              R"("tombstone" : { "deletedAt" : { "$date" : { "$numberLong" : "9" } } }, )"
              R"("expireAt" : { "$date" : { "$numberLong" : "99" } } }, )"
              R"("$unset" : { "categoryId" : true, "name" : true, "description" : true, "price" : true, )"
              R"("imageUrl" : true, "photos" : true, "quantity" : true, "rating" : true, "updatedAt" : true, )"
              R"("folded" : true, "history" : true } })");
}

TEST(ProductBson, GivesBackWhatWasWritten) {
    EXPECT_EQ(read(encode_document(whole(), {})).value(), Stored(whole()));
    StoredProduct bare;
    bare.product = {.id = ProductId({1}), .name = "n", .description = "d", .price = 1, .version = {0}};
    EXPECT_EQ(read(encode_document(bare, {})).value(), Stored(bare));
    const Tombstone tombstone{ProductId({1}), {7}, at(9), whole().history};
    EXPECT_EQ(read(encode_document(tombstone, at(99))).value(), Stored(tombstone));
}

TEST(ProductBson, WritesTheContractsNamesAndTypes) {
    const auto document = encode_document(whole(), {});
    const auto holds = [&](const char* name, bson_type_t type) {
        bson_iter_t at;
        return bson_iter_init_find(&at, document.get(), name) && bson_iter_type(&at) == type;
    };
    for (const char* name : {"_id", "categoryId"}) EXPECT_TRUE(holds(name, BSON_TYPE_OID)) << name;
    for (const char* name : {"name", "description", "imageUrl"}) EXPECT_TRUE(holds(name, BSON_TYPE_UTF8)) << name;
    for (const char* name : {"quantity", "rating", "version"}) EXPECT_TRUE(holds(name, BSON_TYPE_INT64)) << name;
    for (const char* name : {"createdAt", "updatedAt"}) EXPECT_TRUE(holds(name, BSON_TYPE_DATE_TIME)) << name;
    EXPECT_TRUE(holds("price", BSON_TYPE_DOUBLE));
    EXPECT_TRUE(holds("photos", BSON_TYPE_ARRAY));
    EXPECT_TRUE(bson_validate(document.get(), BSON_VALIDATE_UTF8_ALLOW_NULL, nullptr));
}

TEST(ProductBson, ReadsADocumentExactlyAsTheOlderServiceWroteIt) {
    const auto bytes = from_base64(
        "7wAAAAdfaWQAawPvPhsKux8Q5O4WB2NhdGVnb3J5SWQAX/"
        "S2oOCx8KGyw9TlAm5hbWUACAAAAENoYWlyIDIAAmRlc2NyaXB0aW9uAA8AAABBIHdv"
        "b2RlbiBjaGFpcgABcHJpY2UAAAAAAACAJkACaW1hZ2VVcmwADwAAAGh0dHA6Ly94L3kucG5nAARwaG90b3MAFwAAAAIwAAIAAABhAAIxAAIAAA"
        "Bi"
        "AAAScXVhbnRpdHkABAAAAAAAAAAQcmF0aW5nAAYAAAAJY3JlYXRlZEF0AKSLXgeiAQAACXVwZGF0ZWRBdACki14HogEAAAA=");
    ASSERT_TRUE(bytes);
    bson_t document;
    ASSERT_TRUE(bson_init_static(&document, reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()));
    const auto stored = std::get<StoredProduct>(decode_document(document).value());
    EXPECT_EQ(stored.history, History{});
    const Product expected{.id = *ProductId::parse("6b03ef3e1b0abb1f10e4ee16"),
                           .category_id = *CategoryId::parse("5ff4b6a0e0b1f0a1b2c3d4e5"),
                           .name = "Chair 2",
                           .description = "A wooden chair",
                           .price = 11.25,
                           .image_url = "http://x/y.png",
                           .photos = {"a", "b"},
                           .quantity = 4,
                           .rating = 6,
                           .created_at = at(1'795'419'966'372),
                           .updated_at = at(1'795'419'966'372),
                           .version = {0}};
    EXPECT_EQ(stored.product, expected);
}

TEST(ProductBson, ReadsWhatIsOptionalAsMissingOrNullAndNumbersOfAnyType) {
    for (const char* text : {R"({"_id":{"$oid":"6b03ef3e1b0abb1f10e4ee16"},"name":"n","description":"d","price":3})",
                             R"({"_id":{"$oid":"6b03ef3e1b0abb1f10e4ee16"},"name":"n","description":"d","price":3.0,
                                 "photos":null,"categoryId":null,"imageUrl":null,"quantity":{"$numberLong":"0"},
                                 "rating":0.0,"unknown":{"deep":[1]}})"}) {
        const auto stored = read(from_json(text));
        ASSERT_TRUE(stored) << stored.error().cause;
        EXPECT_EQ(std::get<StoredProduct>(*stored).product.price, 3);
        EXPECT_TRUE(std::get<StoredProduct>(*stored).product.photos.empty());
    }
}

TEST(ProductBson, RefusesWhatIsNoProduct) {
    const std::string id = R"({"_id":{"$oid":"6b03ef3e1b0abb1f10e4ee16"},)";
    const std::string some = id + R"("name":"n","description":"d","price":1,)";
    for (const auto& text :
         {std::string("{}"), id + R"("name":"n"})", id + R"("name":1,"description":"d","price":1})",
          id + R"("name":"n","description":"d","price":"1"})", some + R"("photos":"a"})", some + R"("photos":[1]})",
          some + R"("quantity":1.5})", some + R"("quantity":1e300})", some + R"("createdAt":"today"})",
          some + R"("categoryId":"5ff4b6a0e0b1f0a1b2c3d4e5"})", some + R"("history":[]})",
          some + R"("history":{"fences":[1]}})", some + R"("history":{"digest":"x"}})", some + R"("tombstone":{}})",
          std::string(R"({"_id":"text","name":"n","description":"d","price":1})")}) {
        const auto stored = read(from_json(text));
        ASSERT_FALSE(stored) << text;
        EXPECT_EQ(stored.error().code, Errc::data_loss);
        EXPECT_FALSE(stored.error().cause.empty());
    }
}

TEST(ProductBson, SaysOfALaterFormatThatItIsNotDamagedAndStillKnowsWhoseItIs) {
    const auto document = from_json(R"({"_id":{"$oid":"6b03ef3e1b0abb1f10e4ee16"},"format":2,"name":{}})");
    const auto stored = read(document);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, Errc::unavailable);
    EXPECT_EQ(id_of_document(*document.get()).value().hex(), "6b03ef3e1b0abb1f10e4ee16");
    EXPECT_FALSE(id_of_document(*from_json(R"({"_id":7})").get()));
    EXPECT_FALSE(id_of_document(*from_json("{}").get()));
    EXPECT_TRUE(read(
        from_json(R"({"_id":{"$oid":"6b03ef3e1b0abb1f10e4ee16"},"format":1,"name":"n","description":"d","price":1})")));
}

TEST(ProductBson, FoldsTheTextTheSearchComparesAndSaysForWhichChange) {
    const auto document = encode_document(whole(), {});
    bson_iter_t at, text;
    ASSERT_TRUE(bson_iter_init(&at, document.get()) && bson_iter_find_descendant(&at, "folded.text", &text));
    EXPECT_STREQ(bson_iter_utf8(&text, nullptr), "naNmeBsüss");
}

}  // namespace
}  // namespace productd
