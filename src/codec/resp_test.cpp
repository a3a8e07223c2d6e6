// RESP3 as the specification has it, cut anywhere, and bytes that are none of it.
#include "codec/resp.hpp"

#include <gtest/gtest.h>

#include <array>

namespace productd {
namespace {

using Kind = RespValue::Kind;

std::vector<RespValue> read_all(RespReader& reader) {
    std::vector<RespValue> values;
    while (true) {
        auto next = reader.next();
        if (!next) throw std::runtime_error(next.error().detail);
        if (!*next) return values;
        values.push_back(std::move(**next));
    }
}

RespValue read(std::string_view text) {
    RespReader reader;
    reader.feed(text);
    auto values = read_all(reader);
    if (values.size() != 1) throw std::runtime_error("not one value");
    return values.front();
}

bool is_refused(std::string_view text) {
    RespReader reader;
    reader.feed(text);
    const auto next = reader.next();
    return !next && next.error().code == Errc::data_loss;
}

RespValue text(std::string of) { return {Kind::text, std::move(of), 0, {}}; }

TEST(Resp, WritesCommandsAsArraysOfBulkStrings) {
    using namespace std::string_view_literals;
    std::string out;
    append_command(out, std::array{"SET"sv, "key"sv, "a\r\n\0b"sv, ""sv});
    EXPECT_EQ(out, "*4\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n"sv);
}

TEST(Resp, ReadsEachTypeOfTheSpecification) {
    EXPECT_EQ(read("+OK\r\n"), text("OK"));
    EXPECT_EQ(read("$5\r\na\r\nbc\r\n"), text("a\r\nbc"));
    EXPECT_EQ(read("$0\r\n\r\n"), text(""));
    EXPECT_EQ(read(",1.5\r\n"), text("1.5"));
    EXPECT_EQ(read("#t\r\n"), text("t"));
    EXPECT_EQ(read("(3492890328409238509324850943850943825024385\r\n").kind, Kind::text);
    EXPECT_EQ(read("=7\r\ntxt:abc\r\n"), text("abc"));
    EXPECT_EQ(read(":-42\r\n"), (RespValue{Kind::integer, "", -42, {}}));
    EXPECT_EQ(read("-OOM no room\r\n"), (RespValue{Kind::error, "OOM no room", 0, {}}));
    EXPECT_EQ(read("!5\r\nERR x\r\n"), (RespValue{Kind::error, "ERR x", 0, {}}));
    EXPECT_EQ(read("_\r\n"), RespValue{});
    EXPECT_EQ(read("$-1\r\n"), RespValue{});
    EXPECT_EQ(read("*-1\r\n"), RespValue{});
    EXPECT_EQ(read("*2\r\n+a\r\n*1\r\n_\r\n"),
              (RespValue{Kind::array, "", 0, {text("a"), {Kind::array, "", 0, {RespValue{}}}}}));
    EXPECT_EQ(read("%1\r\n+a\r\n+b\r\n"), (RespValue{Kind::array, "", 0, {text("a"), text("b")}}));
    EXPECT_EQ(read("~1\r\n+a\r\n"), (RespValue{Kind::array, "", 0, {text("a")}}));
    EXPECT_EQ(read(">2\r\n+invalidate\r\n_\r\n"), (RespValue{Kind::push, "", 0, {text("invalidate"), RespValue{}}}));
}

TEST(Resp, ReadsTheSameWhereverTheStreamIsCut) {
    const std::string stream =
        "+OK\r\n$4\r\n\r\n\r\n\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n:7\r\n%1\r\n+a\r\n$-1\r\n-ERR\r\n";
    RespReader whole;
    whole.feed(stream);
    const auto expected = read_all(whole);
    ASSERT_EQ(expected.size(), 6u);
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        RespReader reader;
        reader.feed(std::string_view(stream).substr(0, cut));
        auto values = read_all(reader);
        reader.feed(std::string_view(stream).substr(cut));
        for (auto& value : read_all(reader)) values.push_back(std::move(value));
        EXPECT_EQ(values, expected) << "cut at " << cut;
    }
    RespReader bytewise;
    std::vector<RespValue> values;
    for (const char byte : stream) {
        bytewise.feed({&byte, 1});
        for (auto& value : read_all(bytewise)) values.push_back(std::move(value));
    }
    EXPECT_EQ(values, expected);
}

TEST(Resp, RefusesWhatIsNotTheProtocol) {
    EXPECT_TRUE(is_refused("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_TRUE(is_refused("\r\n"));
    EXPECT_TRUE(is_refused(":12a\r\n"));
    EXPECT_TRUE(is_refused(":\r\n"));
    EXPECT_TRUE(is_refused("=3\r\nabc\r\n"));
    EXPECT_TRUE(is_refused("$-2\r\n"));
    EXPECT_TRUE(is_refused("$3\r\nabcd\r\n"));
    EXPECT_TRUE(is_refused("$99999999999999999999\r\n"));
}

TEST(Resp, BoundsWhatItKeeps) {
    EXPECT_TRUE(is_refused("$67108865\r\n"));
    EXPECT_TRUE(is_refused("*1000001\r\n"));
    std::string deep;
    for (int i = 0; i < 8; ++i) deep += "*1\r\n";
    EXPECT_EQ(read(deep + "+a\r\n").kind, Kind::array);
    EXPECT_TRUE(is_refused("*1\r\n" + deep + "+a\r\n"));
}

TEST(Resp, BoundsALineWhetherItsEndHasComeOrNot) {
    const std::string longest = "+" + std::string(65'535, 'a');
    EXPECT_EQ(read(longest + "\r\n"), text(std::string(65'535, 'a')));
    EXPECT_TRUE(is_refused(longest + "a\r\n"));
    EXPECT_FALSE(is_refused(longest)) << "its end may come";
    EXPECT_TRUE(is_refused(longest + "a"));
}

}  // namespace
}  // namespace productd
