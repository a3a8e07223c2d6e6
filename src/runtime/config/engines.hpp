// Which technology is behind each port. What follows from the choice is in runtime/engine.hpp.
#pragma once

#include <array>
#include <string_view>

namespace productd {

enum class BusEngine { sqlite, kafka };
enum class StoreEngine { sqlite, mongodb };
enum class CacheEngine { memory, redis };

// Their names in the configuration, each list in the order of its enumeration.
inline constexpr std::array<std::string_view, 2> bus_engines{"sqlite", "kafka"};
inline constexpr std::array<std::string_view, 2> store_engines{"sqlite", "mongodb"};
inline constexpr std::array<std::string_view, 2> cache_engines{"memory", "redis"};

constexpr std::string_view name(BusEngine bus) { return bus_engines[static_cast<std::size_t>(bus)]; }
constexpr std::string_view name(StoreEngine store) { return store_engines[static_cast<std::size_t>(store)]; }
constexpr std::string_view name(CacheEngine cache) { return cache_engines[static_cast<std::size_t>(cache)]; }

/// The top level of the file.
struct EngineConfig {
    BusEngine bus = BusEngine::sqlite;
    StoreEngine store = StoreEngine::sqlite;
    CacheEngine cache = CacheEngine::memory;
};

}  // namespace productd
