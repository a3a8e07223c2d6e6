// What a Redis goes through.
#pragma once

#include <condition_variable>
#include <mutex>
#include <random>
#include <stop_token>

#include "stack/own_redis.hpp"

namespace productd::test {

/// What happens to a Redis, one after the other until told to end.
class Torment {
public:
    Torment(OwnRedis& redis, std::stop_token ended) : redis_(redis), ended_(std::move(ended)) {}

    void run() {
        for (unsigned n = 0; !ended_.stop_requested(); ++n) {
            pause(1'500);
            if (n % 4 == 0) {
                redis_.kill();
                pause(500);
                redis_.start();
            } else if (n % 4 == 1) {
                redis_.signal(SIGSTOP);
                pause(1'500);
                redis_.signal(SIGCONT);
            } else {
                say(n % 4 == 2);
            }
        }
    }

private:
    void pause(unsigned milliseconds_max) {
        std::unique_lock lock(mutex_);
        never_.wait_for(lock, ended_, std::chrono::milliseconds(1 + random_() % milliseconds_max),
                        [] { return false; });
    }
    void say(bool cut_off) {
        try {
            RedisCli cli(redis_.settings());
            if (cut_off) cli({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
            if (!cut_off) cli({"FLUSHALL"});
        } catch (const std::runtime_error&) {
            return;  // It does not answer yet.
        }
    }

    OwnRedis& redis_;
    std::stop_token ended_;
    std::mt19937 random_{7};
    std::mutex mutex_;
    std::condition_variable_any never_;
};

}  // namespace productd::test
