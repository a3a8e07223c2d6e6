// Defaults that more than one engine has for the same key: told here, once.
#pragma once

#include <chrono>
#include <cstdint>

namespace productd::defaults {

inline constexpr const char* group = "products_group";                            ///< Kafka.GroupId
inline constexpr std::chrono::milliseconds retention = std::chrono::days(7);      ///< Log.Retention
inline constexpr std::chrono::milliseconds tombstone_ttl = std::chrono::days(8);  ///< Store.TombstoneTtl
inline constexpr std::chrono::milliseconds search_time_max{2'000};                ///< Search.TimeMax

inline constexpr std::int64_t changes_max = 2'000'000;  ///< Feed.ChangesMax

}  // namespace productd::defaults
