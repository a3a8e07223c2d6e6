#include "inbound/http/message/problem.hpp"

#include <gtest/gtest.h>

#include <map>

namespace productd {
namespace {

HttpRequest request() {
    HttpRequest request;
    request.target = "/api/v1/products/x?y=1";
    request.request_id = "id-1";
    return request;
}

TEST(Problem, EveryCodeHasItsStatus) {
    const std::map<Errc, unsigned> expected{
        {Errc::cancelled, 503},
        {Errc::unknown, 500},
        {Errc::invalid_argument, 400},
        {Errc::deadline_exceeded, 504},
        {Errc::not_found, 404},
        {Errc::already_exists, 422},
        {Errc::permission_denied, 403},
        {Errc::resource_exhausted, 429},
        {Errc::failed_precondition, 409},
        {Errc::aborted, 412},
        {Errc::out_of_range, 413},
        {Errc::unimplemented, 501},
        {Errc::internal, 500},
        {Errc::unavailable, 503},
        {Errc::data_loss, 500},
        {Errc::unauthenticated, 401},
    };
    EXPECT_EQ(expected.size(), enumerators<Errc>.size());
    for (const auto& [code, status] : expected) {
        EXPECT_EQ(http_status(code), status) << name(code);
        const auto response = problem(Error{code, "why"}, request());
        EXPECT_EQ(response.status, status);
        EXPECT_NE(response.body.find(R"("status":)" + std::to_string(status)), std::string::npos);
    }
}

TEST(Problem, ListsViolationsAndHidesTheCause) {
    Error error{Errc::invalid_argument,
                "two",
                {{"price", "range", "too low"}, {"name", "length", "too short"}},
                "SELECT secret"};
    const auto response = problem(error, request());
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_NE(response.body.find(R"("errors":[{"field":"price","code":"range","detail":"too low"},{"field":"name")"),
              std::string::npos);
    EXPECT_NE(response.body.find(R"("instance":"/api/v1/products/x","error":"two","requestId":"id-1")"),
              std::string::npos);
    EXPECT_EQ(response.body.find("SELECT"), std::string::npos);
}

TEST(Problem, SaysWhenToTryAgain) {
    for (const auto code : {Errc::unavailable, Errc::resource_exhausted}) {
        const auto response = problem(Error{code, "later"}, request());
        ASSERT_EQ(response.headers.size(), 1U);
        EXPECT_EQ(response.headers.front().first, "Retry-After");
    }
    EXPECT_TRUE(problem(Error{Errc::not_found, "no"}, request()).headers.empty());
}

TEST(Problem, AnyBytesOfAPathStayValidJson) {
    auto strange = request();
    strange.target = "/\xff\"\\\x01";
    EXPECT_NE(problem(Error{Errc::not_found, "no"}, strange).body.find("/\xEF\xBF\xBD\\\"\\\\\\u0001"),
              std::string::npos);
}

}  // namespace
}  // namespace productd
