// What a caller reads of a failing MongoDB, and what only the log has.
#include <gmock/gmock.h>

#include <cstring>
#include <set>

#include "fakes/operators_words.hpp"
#include "outbound/mongo/mongo_client.hpp"

namespace productd {
namespace {

using testing::HasSubstr;

Error error_of(std::uint32_t domain, std::uint32_t code) {
    bson_error_t error{};
    error.domain = domain;
    error.code = code;
    std::strncpy(error.message, "said by 10.0.0.7:27017", sizeof(error.message) - 1);
    return mongo_error(error);
}

TEST(MongoError, WhatIsTheOperatorsStandsInTheCauseAlone) {
    EXPECT_EQ(error_of(MONGOC_ERROR_SERVER_SELECTION, 0).detail, "The store cannot be reached.");
    EXPECT_THAT(error_of(MONGOC_ERROR_SERVER_SELECTION, 0).cause, HasSubstr("MongoDB.URI"));
    EXPECT_THAT(error_of(MONGOC_ERROR_STREAM, 0).cause, HasSubstr("MongoDB.SocketTimeout"));
    EXPECT_THAT(error_of(MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_AUTHENTICATE).cause, HasSubstr("MongoDB.User"));
    EXPECT_THAT(mongo_item_error(64, "w").cause, HasSubstr("MongoDB.URI"));
    std::set<std::string> sentences;
    for (std::uint32_t domain = 0; domain < 30; ++domain) {
        for (std::uint32_t code = 0; code < 20'000; ++code) {
            const auto error = error_of(domain, code);
            ASSERT_TRUE(error.cause.contains("said by")) << domain << '/' << code;
            sentences.insert(error.detail);
        }
    }
    for (const auto& sentence : sentences) EXPECT_TRUE(is_for_callers(sentence)) << sentence;
}

}  // namespace
}  // namespace productd
