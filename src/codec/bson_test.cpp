// Tests of what each append makes of a document.
#include "codec/bson.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

std::string json_of(const Bson& document) {
    std::size_t length = 0;
    char* made = bson_as_canonical_extended_json(document.get(), &length);
    std::string text(made, length);
    bson_free(made);
    return text;
}

TEST(Bson, HasWhatWasAppendedInItsOrder) {
    const std::uint8_t bytes[] = {1, 2, 3};
    Bson inner;
    inner.integer("0", 7);
    Bson document;
    document.text("text", std::string_view("a\0b", 3)).real("real", 0.5).integer("integer", -5);
    document.boolean("yes", true).boolean("no", false).null("null").date("date", Timestamp{std::chrono::seconds{1}});
    document.bytes("bytes", bytes, 3).regex("regex", "^a", "i").document("document", inner).array("array", inner);
    EXPECT_EQ(json_of(document),
              R"({ "text" : "a\u0000b", "real" : { "$numberDouble" : "0.5" }, )"
              R"("integer" : { "$numberLong" : "-5" }, "yes" : true, "no" : false, "null" : null, )"
              R"("date" : { "$date" : { "$numberLong" : "1000" } }, )"
              R"("bytes" : { "$binary" : { "base64" : "AQID", "subType" : "00" } }, )"
              R"("regex" : { "$regularExpression" : { "pattern" : "^a", "options" : "i" } }, )"
              R"("document" : { "0" : { "$numberLong" : "7" } }, "array" : [ { "$numberLong" : "7" } ] })");
}

TEST(BsonArrays, HaveTheirElementsUnderAscendingNumbersFromZero) {
    BsonArray array;
    for (std::int64_t value = 5; value < 8; ++value) {
        array.add([&](Bson& elements, const char* key) { elements.integer(key, value); });
    }
    EXPECT_EQ(json_of(array.elements()),
              R"({ "0" : { "$numberLong" : "5" }, "1" : { "$numberLong" : "6" }, "2" : { "$numberLong" : "7" } })");
}

}  // namespace
}  // namespace productd
