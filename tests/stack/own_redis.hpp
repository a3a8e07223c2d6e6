// A Redis of a test's own, to be stopped, killed and reconfigured; found where `make stack-up` finds it.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>

#include "fakes/temp_folder.hpp"
#include "stack/redis_server.hpp"

namespace productd::test {

class OwnRedis {
public:
    /// `options`: `--maxmemory 1mb` and the like, added to loopback, a free port and nothing on disk.
    explicit OwnRedis(std::vector<std::string> options = {}) : options_(std::move(options)) { start(); }
    ~OwnRedis() { kill(); }
    OwnRedis(const OwnRedis&) = delete;
    OwnRedis& operator=(const OwnRedis&) = delete;

    RedisSettings settings() const {
        auto settings = redis_settings();
        settings.port = std::to_string(port_);
        settings.timeout = std::chrono::milliseconds{500};
        return settings;
    }
    RedisCacheSettings cache_settings() const {
        auto settings = redis_cache_settings();
        settings.redis = this->settings();
        return settings;
    }
    void signal(int number) const { ::kill(process_, number); }
    void kill() {
        if (process_ == 0) return;
        signal(SIGKILL);
        ::waitpid(std::exchange(process_, 0), nullptr, 0);
    }
    /// On the same port, with nothing in it.
    void start() {
        // Debian's redis-tools ships the server's program as redis-check-rdb; it looks at the name it is called by.
        std::vector<std::string> arguments{"redis-server",
                                           "--bind",
                                           "127.0.0.1",
                                           "--save",
                                           "",
                                           "--appendonly",
                                           "no",
                                           "--logfile",
                                           (folder_.path() / "redis.log").string(),
                                           "--dir",
                                           folder_.path().string()};
        if (std::ranges::find(options_, "--port") == options_.end()) {
            arguments.insert(arguments.end(), {"--port", std::to_string(port_)});
        }
        for (const auto& option : options_) arguments.push_back(option == "PORT" ? std::to_string(port_) : option);
        std::vector<char*> argv;
        for (auto& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        if (::posix_spawn(&process_, "/usr/bin/redis-check-rdb", nullptr, nullptr, argv.data(), environ) != 0) {
            throw std::runtime_error("Redis cannot be started; run tools/setup.sh stack");
        }
        RedisCacheInstance::wait_for([this] { return accepts(); });
    }

private:
    static unsigned short free_port() {
        boost::asio::io_context context;
        return boost::asio::ip::tcp::acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), 0})
            .local_endpoint()
            .port();
    }
    bool accepts() const {
        boost::asio::io_context context;
        boost::asio::ip::tcp::socket socket(context);
        boost::system::error_code code;
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), port_}, code);
        return !code;
    }

    std::vector<std::string> options_;
    TempFolder folder_;
    unsigned short port_ = free_port();
    pid_t process_ = 0;
};

}  // namespace productd::test
