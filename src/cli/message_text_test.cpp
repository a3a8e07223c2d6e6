// Messages as lines: safe on a terminal, exact as JSON.
#include "cli/message_text.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

Message message(std::optional<std::string> key, std::optional<std::string> value, Headers headers = {}) {
    return {{{"t", 1}, 7, Timestamp(std::chrono::milliseconds(1'700'000'000'123))},
            std::move(key),
            std::move(value),
            std::move(headers)};
}

std::string text_line(const Message& given) {
    std::string line;
    append_text_line(line, given);
    return line;
}

std::string json_line(const Message& given) {
    std::string line;
    append_json_line(line, given);
    return line;
}

TEST(MessageText, ShowsNoControlCharacterToATerminal) {
    EXPECT_EQ(text_line(message("k", std::string("a\x1b[2J\n\x7f\0é", 10))),
              "t/1/7 2023-11-14T22:13:20.123Z k a\\x1b[2J\\x0a\\x7f\\x00é\n");
    EXPECT_EQ(text_line(message("\xff", std::nullopt)), "t/1/7 2023-11-14T22:13:20.123Z base64:/w== (null)\n");
}

TEST(MessageText, KeepsEveryByteInJson) {
    EXPECT_EQ(json_line(message("\xff", std::string("\0\"", 2), {{"h", "\x80"}, {"\xc0", "v"}})),
              "{\"topic\":\"t\",\"partition\":1,\"offset\":7,\"time\":\"2023-11-14T22:13:20.123Z\","
              "\"keyBase64\":\"/w==\",\"value\":\"\\u0000\\\"\",\"headers\":"
              "[{\"name\":\"h\",\"valueBase64\":\"gA==\"},{\"nameBase64\":\"wA==\",\"value\":\"v\"}]}\n");
}

}  // namespace
}  // namespace productd
