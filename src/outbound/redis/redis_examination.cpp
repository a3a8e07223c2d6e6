// One attempt of a client that asks for all that cache and outcomes ask for. Calls RedisClient.
#include "outbound/redis/redis_examination.hpp"

#include <boost/asio/io_context.hpp>

namespace productd {

Result<> examine_redis(const RedisCacheSettings& settings) {
    asio::io_context context(1);
    RedisSession session;
    session.greeting = {"CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", settings.prefix, "NOLOOP"};
    session.greeting.add({"UNLINK", settings.prefix});
    session.greeting.add({"PUBLISH", "productd:outcomes:doctor", ""});
    session.heartbeat = {"PING"};
    session.pushed = [](const RespValue&) {};
    RedisClient client(context.get_executor(), settings.redis, std::move(session));
    asio::co_spawn(context, client.run(), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    while (!client.is_up() && client.failures() == 0) context.run_one();
    return client.check();
}

}  // namespace productd
