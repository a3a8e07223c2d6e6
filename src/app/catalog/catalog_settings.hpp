// What the use cases can be told.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "app/events/topics.hpp"

namespace productd {

struct CatalogSettings {
    TopicNames topics;
    std::chrono::milliseconds apply_wait{2'000};  ///< Http.ApplyWait
    std::chrono::milliseconds look_wait{1'000};   ///< Http.LookWait: of a write, for one look at what is stored.
    std::size_t product_bytes_max = 256 * 1024;   ///< Limits.product_bytes_max: the encoded form.
    std::int64_t search_count_max = 10'000;       ///< Search.CountMax
    std::size_t search_text_max = 1'500;          ///< Search.TextMax: characters. No folded description is longer.
    std::chrono::milliseconds answer_time{100};   ///< Limits.answer_time: beyond which load is refused; 0 never.
    std::size_t outcome_waits_max = 10'000;       ///< Http.ApplyWaitsMax: writes that wait for their outcome.
};

}  // namespace productd
