// Compares what is set with what the adapters log in with. Calls config_addresses for the places.
#include "runtime/config/config_credentials.hpp"

#include <fmt/format.h>

#include "runtime/config/config_addresses.hpp"
#include "runtime/engine.hpp"

namespace productd {

namespace {

/// `mongodb://user:password@host/…`: an @ of a user or password is escaped, so what stands before one is a user.
bool names_user(std::string_view uri) {
    const auto scheme = uri.find("://");
    if (scheme == std::string_view::npos) return false;
    const auto hosts = uri.substr(scheme + 3);
    return hosts.substr(0, hosts.find_first_of("/?")).contains('@');
}

class Sentences {
public:
    explicit Sentences(const LoadedConfig& loaded) : loaded_(loaded) {}

    void of_kafka(const KafkaConnection& kafka) {
        if (kafka.mechanism != KafkaMechanism::none) return;
        constexpr auto* why = ", but nothing uses it while Kafka.Mechanism is none";
        add("Kafka.User", kafka.user, why);
        add("Kafka.Password", kafka.password, why);
    }

    void of_mongo(const MongoConnection& mongo) {
        if (names_user(mongo.uri)) {
            constexpr auto* why = ", but nothing uses it, for MongoDB.URI names a user";
            add("MongoDB.User", mongo.user, why);
            add("MongoDB.Password", mongo.password, why);
        } else if (mongo.user.empty()) {
            add("MongoDB.Password", mongo.password, ", but nothing uses it without MongoDB.User");
        } else if (mongo.password.empty() && !mongo.uri.contains("authMechanism=")) {  // Some want no password.
            add("MongoDB.User", mongo.user, " without MongoDB.Password, and logs in with an empty one");
        }
    }

    void of_redis(const RedisSettings& redis) {
        if (redis.password.empty()) add("Redis.User", redis.user, ", but nothing uses it without Redis.Password");
    }

    std::vector<std::string> take() { return std::move(sentences_); }

private:
    void add(std::string_view key, const std::string& value, std::string_view why) {
        if (value.empty()) return;
        sentences_.push_back(fmt::format("{}: {} is set{}.", place_of(loaded_, key), key, why));
    }

    const LoadedConfig& loaded_;
    std::vector<std::string> sentences_;
};

}  // namespace

std::vector<std::string> unused_credentials(const LoadedConfig& loaded) {
    const auto& config = loaded.config;
    Sentences sentences(loaded);
    if (log_is_kafka(config)) sentences.of_kafka(config.kafka.connection);
    if (const auto mongo = mongo_server(config)) sentences.of_mongo(*mongo);
    if (cache_is_redis(config)) sentences.of_redis(config.redis);
    return sentences.take();
}

}  // namespace productd
