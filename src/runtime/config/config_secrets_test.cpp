// What may be in no line of the log.
#include "runtime/config/config_secrets.hpp"

#include <gmock/gmock.h>

namespace productd {
namespace {

using testing::IsEmpty;
using testing::IsSupersetOf;

TEST(ConfigSecrets, AreTheValuesOfSecretKeysAndThePasswordsOfUris) {
    Config config;
    config.kafka.connection.password = "of kafka";
    config.mongo.password = "of mongodb";
    config.mongo.uri = "mongodb://keeper:p%40ss%2@host:1/?w=1";
    config.redis.password = "of redis";
    config.tracing.headers = "authorization=Bearer token,x-key=another";
    EXPECT_THAT(secrets_of(config),
                IsSupersetOf({"of kafka", "of mongodb", "p%40ss%2", "p@ss%2", "of redis", "Bearer token", "another"}));
}

TEST(ConfigSecrets, AreNoneWhereNothingIsSecret) {
    Config config;
    config.mongo.uri = "mongodb://keeper@host:1,host:2/?w=1";
    EXPECT_THAT(secrets_of(config), IsEmpty());
    EXPECT_THAT(secrets_of(Config{}), IsEmpty());
}

}  // namespace
}  // namespace productd
