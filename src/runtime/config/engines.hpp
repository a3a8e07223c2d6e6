// Which technology is behind each port. What follows from the choice is in runtime/engine.hpp.
#pragma once

#include <string_view>
#include <utility>

namespace productd {

enum class BusEngine { sqlite, kafka };
enum class StoreEngine { sqlite, mongodb };
enum class CacheEngine { memory, redis };

// Their names in the configuration.
constexpr std::string_view name(BusEngine bus) {
    switch (bus) {
        case BusEngine::sqlite: return "sqlite";
        case BusEngine::kafka: return "kafka";
    }
    std::unreachable();
}
constexpr std::string_view name(StoreEngine store) {
    switch (store) {
        case StoreEngine::sqlite: return "sqlite";
        case StoreEngine::mongodb: return "mongodb";
    }
    std::unreachable();
}
constexpr std::string_view name(CacheEngine cache) {
    switch (cache) {
        case CacheEngine::memory: return "memory";
        case CacheEngine::redis: return "redis";
    }
    std::unreachable();
}

/// The top level of the file.
struct EngineConfig {
    BusEngine bus = BusEngine::sqlite;
    StoreEngine store = StoreEngine::sqlite;
    CacheEngine cache = CacheEngine::memory;
};

}  // namespace productd
