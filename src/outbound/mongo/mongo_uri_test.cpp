// What is told of a MongoDB.URI that cannot be read: what to do, and nothing of a password.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outbound/mongo/mongo_client.hpp"

namespace productd {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Result<std::unique_ptr<MongoClients>> opened(const std::string& uri) { return MongoClients::open({.uri = uri}); }

class UnescapedPassword : public testing::TestWithParam<const char*> {};

TEST_P(UnescapedPassword, IsRefusedAndNotShown) {
    const auto uri = "mongodb://joe:" + std::string(GetParam()) + "@db.example.com:27017/products?replicaSet=rs0";
    const auto clients = opened(uri);
    ASSERT_FALSE(clients);
    EXPECT_EQ(clients.error().code, Errc::invalid_argument);
    EXPECT_THAT(clients.error().detail + clients.error().cause,
                AllOf(HasSubstr("%-escape"), Not(HasSubstr("top")), Not(HasSubstr("secret"))));
}

INSTANTIATE_TEST_SUITE_P(EachCharacter, UnescapedPassword,
                         testing::Values("top@secret", "top:secret", "top/secret", "top/@secret", "1/top@secret",
                                         "top?secret", "top#secret@", "top%secret"));

TEST(MongoUri, NoPasswordIsShownWhoseHostOrOptionIsWrong) {
    for (const auto* uri : {"mongodb://joe:secret", "mongodb://joe:secret/products",
                            "mongodb://h/?tlsCertificateKeyFilePassword=abc&secret",
                            "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:abc&secret"}) {
        const auto clients = opened(uri);
        ASSERT_FALSE(clients) << uri;
        EXPECT_THAT(clients.error().detail, AllOf(HasSubstr("MongoDB.URI"), Not(HasSubstr("secret")))) << uri;
    }
}

TEST(MongoUri, WhatIsEscapedIsRead) {
    EXPECT_TRUE(opened("mongodb://joe:top%40%2F%3Asecret@db.example.com:27017/products?replicaSet=rs0"));
    EXPECT_TRUE(opened("mongodb://db.example.com/?authMechanismProperties=SERVICE_REALM:a@b"));
}

TEST(MongoUri, WhatIsWrongIsToldWhereThereIsNoPassword) {
    EXPECT_THAT(opened("mongodb://db.example.com:99999999/").error().detail, HasSubstr("host"));
    EXPECT_THAT(opened("http://db.example.com/").error().detail, HasSubstr("mongodb://"));
}

}  // namespace
}  // namespace productd
