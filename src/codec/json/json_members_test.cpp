// What is written member by member is read back so, and nothing less is taken for it.
#include "codec/json/json_members.hpp"

#include <gtest/gtest.h>

#include "codec/json/json_writer.hpp"

namespace productd {
namespace {

struct Parcel {
    std::string name;
    std::int32_t number = 0;
    std::optional<std::string> key;
    Timestamp time{};
    std::vector<std::string> parts;
    bool operator==(const Parcel&) const = default;
};

std::string written(const Parcel& parcel) {
    std::string out;
    {
        json::ObjectWriter object(out);
        object.text("name", parcel.name);
        object.number("number", parcel.number);
        object.bytes("key", parcel.key);
        object.milliseconds("time", parcel.time);
        json::append_array(object.member("parts"), parcel.parts, [&](const std::string& part) {
            json::ObjectWriter entry(out);
            entry.text("part", part);
        });
    }
    return out;
}

Parcel parcel_of(json::Members& members) {
    return {members.text("name"), members.int32("number"), members.bytes("key"), members.milliseconds("time"),
            members.objects("parts", [](json::Members& part) { return part.text("part"); })};
}

const Parcel full{"a \"b\"\n\x01", -7, std::string("\0\xff", 2), Timestamp(std::chrono::milliseconds(5)), {"x", "é"}};

TEST(JsonMembers, ReadWhatTheWriterWrites) {
    for (const auto& parcel : {Parcel{}, full}) {
        EXPECT_EQ(json::read_object(written(parcel), parcel_of), parcel) << written(parcel);
    }
    const auto both = "[" + written(full) + "," + written({}) + "]";
    EXPECT_EQ(json::read_objects(both, parcel_of), (std::vector{full, Parcel{}}));
    EXPECT_EQ(json::read_objects("[]", parcel_of), std::vector<Parcel>{});
}

TEST(JsonMembers, TakeNothingThatLacksAMemberOrHasAnotherType) {
    const std::string good = R"({"name":"n","number":1,"key":null,"time":0,"parts":[{"part":"p"}]})";
    ASSERT_TRUE(json::read_object(good, parcel_of));
    const auto with = [&](const std::string& part, const std::string& other) {
        auto text = good;
        return text.replace(text.find(part), part.size(), other);
    };
    for (const auto& text : {
             std::string(),
             std::string("null"),
             "[" + good + "]",
             good + good,
             with(R"("name":"n",)", ""),
             with(R"("n")", "1"),
             with(":1,", ":2147483648,"),
             with(":1,", ":1.5,"),
             with("null", R"("?")"),
             with(R"("key":null,)", ""),
             with(R"([{"part":"p"}])", "{}"),
             with(R"({"part":"p"})", "{}"),
             with(R"({"part":"p"})", "1"),
             with("p\"", "\xff\""),
         }) {
        EXPECT_FALSE(json::read_object(text, parcel_of)) << text;
    }
    EXPECT_FALSE(json::read_objects("[" + good + ",{}]", parcel_of));
    EXPECT_FALSE(json::read_objects("[" + good + ",1]", parcel_of));
    EXPECT_FALSE(json::read_objects(good, parcel_of));
}

TEST(JsonMembers, TellWhatIsThereAndWhatIsNull) {
    const auto object = json::Object::parse(R"({"some":1,"none":null})");
    ASSERT_TRUE(object);
    json::Members members(*object);
    EXPECT_TRUE(members.has("some"));
    EXPECT_TRUE(members.has("none"));
    EXPECT_FALSE(members.has("other"));
    EXPECT_FALSE(members.is_null("some"));
    EXPECT_TRUE(members.is_null("none"));
    EXPECT_TRUE(members.complete()) << "nothing was needed";
}

TEST(JsonMembers, NamedBytesComeInTheirOrderAndNeedBoth) {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    const auto pairs_of = [](const std::string& list) {
        return json::read_object(R"({"pairs":)" + list + "}", [](json::Members& members) {
            Pairs pairs;
            members.named_bytes("pairs", [&](std::string name, std::string value) {
                pairs.emplace_back(std::move(name), std::move(value));
            });
            return pairs;
        });
    };
    EXPECT_EQ(pairs_of(R"([{"name":"Yg==","value":"AP8="},{"name":"YQ==","value":""}])"),
              (Pairs{{"b", std::string("\0\xff", 2)}, {"a", ""}}));
    EXPECT_EQ(pairs_of("[]"), Pairs{});
    for (const auto* list : {R"([{"name":"YQ=="}])", R"([{"name":null,"value":""}])", R"([{"name":"?","value":""}])"}) {
        EXPECT_FALSE(pairs_of(list)) << list;
    }
}

TEST(JsonMembers, ListsOfTextsAreRead) {
    EXPECT_EQ(json::parse_texts(R"(["a","\u00e9"])"), (std::vector<std::string>{"a", "é"}));
    for (const auto* text : {"", "{}", "[1]", "[null]", R"(["a")"}) EXPECT_FALSE(json::parse_texts(text)) << text;
}

}  // namespace
}  // namespace productd
