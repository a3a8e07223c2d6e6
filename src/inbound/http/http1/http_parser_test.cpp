// Bytes to requests, without a socket: what is let through, what is refused, and that splitting makes no difference.
#include "inbound/http/http1/http_parser.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace productd {
namespace {

/// What came of `bytes`, offered `step` bytes at a time: `METHOD target body` per request, or a status.
std::vector<std::string> parsed(std::string_view bytes, std::size_t step) {
    HttpParser parser({});
    std::vector<std::string> seen;
    std::size_t used = 0, offered = 0;
    while (parser.state() != HttpParser::State::refused) {
        used += parser.feed(bytes.substr(used, offered - used));
        if (parser.state() == HttpParser::State::complete) {
            const auto request = parser.take();
            seen.push_back(request.method + ' ' + request.target + ' ' + request.body);
        } else if (parser.state() == HttpParser::State::refused) {
            seen.push_back(std::to_string(parser.refusal().status));
        } else if (offered == bytes.size()) {
            if (parser.state() != HttpParser::State::nothing) seen.emplace_back("incomplete");
            break;
        } else {
            offered = std::min(bytes.size(), offered + step);
        }
    }
    return seen;
}

/// Whether two ways of splitting came to the same. One may still wait for the end of a header that the other has
/// already found to be wrong.
bool agree(std::vector<std::string> a, std::vector<std::string> b) {
    if (a == b) return true;
    if (b.empty() || b.back() != "incomplete") std::swap(a, b);
    if (b.empty() || b.back() != "incomplete" || a.size() != b.size() || a.back().size() != 3) return false;
    a.pop_back();
    b.pop_back();
    return a == b;
}

std::string outcome(std::string_view bytes) {
    const auto whole = parsed(bytes, bytes.size());
    EXPECT_TRUE(agree(parsed(bytes, 1), whole)) << bytes;
    EXPECT_TRUE(agree(parsed(bytes, 7), whole)) << bytes;
    return whole.empty() ? "nothing" : whole.front();
}

std::string with_headers(std::string_view headers) {
    return outcome("POST /x HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n\r\nabc");
}

TEST(HttpParser, ReadsRequestsWhateverTheirSplitting) {
    const std::string two =
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\r\n"
        "PUT /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\nGET /c HTTP/1.0\r\n\r\n";
    const std::vector<std::string> expected{"POST /a abc", "PUT /b xyz", "GET /c "};
    for (std::size_t step = 1; step <= two.size(); ++step) EXPECT_EQ(parsed(two, step), expected) << step;
}

TEST(HttpParser, RefusesAmbiguousLengths) {
    EXPECT_EQ(with_headers("Content-Length: 3"), "POST /x abc");
    EXPECT_EQ(with_headers("Content-Length: 3\r\nTransfer-Encoding: chunked"), "400");
    EXPECT_EQ(with_headers("Transfer-Encoding: chunked\r\nContent-Length: 3"), "400");
    EXPECT_EQ(with_headers("Content-Length: 3\r\nContent-Length: 4"), "400");
    EXPECT_EQ(with_headers("Content-Length: 3\r\nContent-Length: 3"), "400");
    EXPECT_EQ(with_headers("Content-Length: 3, 3"), "400");
    EXPECT_EQ(with_headers("Content-Length: +3"), "400");
    EXPECT_EQ(with_headers("Content-Length: -3"), "400");
    EXPECT_EQ(with_headers("Content-Length: 0x3"), "400");
    EXPECT_EQ(with_headers("Content-Length:"), "400");
    EXPECT_EQ(with_headers("Content-Length : 3"), "400");
    EXPECT_EQ(with_headers("Content-Length: 99999999999999999999"), "400");
    EXPECT_EQ(with_headers("Content-Length: 9999999999"), "413");
}

TEST(HttpParser, RefusesTransferEncodingsItCannotUndo) {
    EXPECT_EQ(with_headers("Transfer-Encoding: gzip"), "400");
    EXPECT_EQ(with_headers("Transfer-Encoding: gzip, chunked"), "501");
    EXPECT_EQ(with_headers("Transfer-Encoding: gzip, deflate , chunked"), "501");
    for (const auto* value : {"", ",", "chunked,", ", chunked", "gzip,, chunked,", "chunked, chunked",
                              "chunked, gzip, chunked", "chunked, identity", "xchunked", "chunked;q=1"}) {
        EXPECT_EQ(with_headers("Transfer-Encoding: " + std::string(value)), "400") << value;
    }
    EXPECT_EQ(with_headers("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"), "400");
    EXPECT_EQ(with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), "400");
    EXPECT_EQ(outcome("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "400");
}

TEST(HttpParser, RefusesLinesThatOthersReadDifferently) {
    EXPECT_EQ(with_headers("X: a\r\n folded"), "400");
    EXPECT_EQ(with_headers("X:\r\n\tfolded"), "400");
    EXPECT_EQ(with_headers("X: a\rb"), "400");
    EXPECT_EQ(with_headers("X: a\nContent-Length: 3"), "400");
    EXPECT_EQ(with_headers(std::string_view("X: a\0b", 6)), "400");
    EXPECT_EQ(with_headers(": empty"), "400");
    EXPECT_EQ(with_headers("no colon"), "400");
    EXPECT_EQ(outcome("GET / HTTP/1.1\nHost: a\n\n"), "400");
    EXPECT_EQ(outcome("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET / HTTP/1.1\rHost: a\r\n\r\n"), "400");
    EXPECT_EQ(with_headers("Content-Type: a/b\r\nContent-Type: a/b"), "400");
    EXPECT_EQ(outcome("GET /\r\nHost: a\r\n\r\n"), "400");
}

TEST(HttpParser, RefusesBrokenChunks) {
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(outcome(head + "3\r\nabc\r\n0\r\n\r\n"), "POST / abc");
    EXPECT_EQ(outcome(head + "3\r\nabcd\r\n0\r\n\r\n"), "400");
    EXPECT_EQ(outcome(head + "x\r\n\r\n\r\n"), "400");
    EXPECT_EQ(outcome(head + "-1\r\n\r\n\r\n"), "400");
    EXPECT_EQ(outcome(head + "\r\n\r\n\r\n"), "400");
    EXPECT_EQ(outcome(head + "10000000000000000\r\n"), "400");
    EXPECT_EQ(outcome(head + "3\nabc\r\n0\r\n\r\n"), "400");
    EXPECT_EQ(outcome(head + "0\r\nbroken trailer\r\n\r\n"), "400");
    EXPECT_EQ(outcome(head + "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"), "400");
    EXPECT_EQ(outcome(head + "3;a=\"b;c\"\r\nabc\r\n0\r\n\r\n"), "POST / abc");
    EXPECT_EQ(outcome(head + "3;" + std::string(20'000, 'a') + "\r\nabc\r\n0\r\n\r\n"), "400");
}

TEST(HttpParser, WantsOneGoodHost) {
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost:\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: [::1]:5007\r\n\r\n"), "GET / ");
    EXPECT_EQ(outcome("GET / HTTP/1.0\r\n\r\n"), "GET / ");
}

TEST(HttpParser, UnderstandsTheFormsOfATarget) {
    EXPECT_EQ(outcome("GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /b?c ");
    EXPECT_EQ(outcome("GET HTTPS://a HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / ");
    EXPECT_EQ(outcome("GET http://a?c HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /?c ");
    EXPECT_EQ(outcome("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), "OPTIONS * ");
    EXPECT_EQ(outcome("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET a/b HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET http:///b HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET http://u@a/b HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET /a|b HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("GET /a?b|\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /a?b|\xc3\xa4 ");
    EXPECT_EQ(outcome("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"), "501");
}

TEST(HttpParser, TellsWhetherTheClientStays) {
    const auto stays = [](std::string_view version, std::string_view headers, std::string_view trailer = "") {
        const auto bytes =
            "POST / " + std::string(version) + "\r\nHost: a\r\n" + std::string(headers) + "\r\n" + std::string(trailer);
        HttpParser parser({});
        EXPECT_EQ(parser.feed(bytes), bytes.size()) << bytes;
        EXPECT_EQ(parser.state(), HttpParser::State::complete) << bytes;
        return parser.keep_alive();
    };
    EXPECT_TRUE(stays("HTTP/1.1", ""));
    EXPECT_TRUE(stays("HTTP/1.1", "Connection: closed\r\nProxy-Connection: close\r\n"));
    EXPECT_FALSE(stays("HTTP/1.1", "Connection: x, Close ,\r\n"));
    EXPECT_FALSE(stays("HTTP/1.0", ""));
    EXPECT_TRUE(stays("HTTP/1.0", "Connection: Keep-Alive\r\n"));
    EXPECT_FALSE(stays("HTTP/1.0", "Connection: close\r\nConnection: keep-alive\r\n"));
    EXPECT_TRUE(stays("HTTP/1.1", "Transfer-Encoding: chunked\r\n", "0\r\nConnection: close\r\n\r\n"));
}

TEST(HttpParser, RefusesALineAboveTheLimitAsTooLongATarget) {
    HttpParser parser({});
    const auto line = "GET /" + std::string(HttpLimits{}.header_bytes_max, 'a') + " HTTP/1.1\r\n\r\n";
    parser.feed(line);
    ASSERT_EQ(parser.state(), HttpParser::State::refused);
    EXPECT_EQ(parser.refusal().status, 414);
}

TEST(HttpParser, TellsOtherVersionsFromNonsense) {
    EXPECT_EQ(outcome("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505");
    EXPECT_EQ(outcome("GET / HTTP/3.0\r\nHost: a\r\n\r\n"), "505");
    EXPECT_EQ(outcome("GET / HTTQ/1.1\r\nHost: a\r\n\r\n"), "400");
    EXPECT_EQ(outcome("\x16\x03\x01\x02"), "400");
    EXPECT_EQ(outcome("BREW-WITH-A-METHOD-THAT-IS-FAR-TOO-LONG / HTTP/1.1\r\nHost: a\r\n\r\n"), "501");
}

TEST(HttpParser, ForgivesAFewEmptyLinesInFront) {
    EXPECT_EQ(outcome("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / ");
    EXPECT_EQ(outcome("\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
}

TEST(HttpParser, KnowsTheOnlyExpectation) {
    EXPECT_EQ(with_headers("Expect: 100-Continue\r\nContent-Length: 3"), "POST /x abc");
    EXPECT_EQ(with_headers("Expect: a-miracle\r\nContent-Length: 3"), "417");
}

TEST(HttpParser, SurvivesDamageToGoodRequests) {
    const std::string good =
        "POST /a?b=c HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;x=\"y\"\r\nhello\r\n0\r\nT: 1\r\n\r\n";
    std::mt19937 random(20'240'601);
    for (int round = 0; round < 20'000; ++round) {
        auto damaged = good;
        for (auto hits = random() % 4 + 1; hits > 0; --hits) {
            damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
        }
        const auto whole = parsed(damaged, damaged.size());
        ASSERT_TRUE(agree(parsed(damaged, random() % 16 + 1), whole)) << testing::PrintToString(damaged);
    }
}

}  // namespace
}  // namespace productd
