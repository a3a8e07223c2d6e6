// Bounds that are the same whatever the version of HTTP, and for nobody to set.
#pragma once

#include <chrono>
#include <cstddef>

namespace productd::http_bounds {

inline constexpr std::size_t method_bytes_max = 32;  ///< 501 above.
/// So much each connection has without asking, so that small requests cost no shared count and are answered even when
/// large ones have taken all there is.
inline constexpr std::size_t request_bytes_free = 4 * 1024;
/// An answer of so much is given even where no room is left for it.
inline constexpr std::size_t answer_bytes_free = 16 * 1024;
inline constexpr std::size_t output_bytes_max = 64 * 1024;  ///< Gathered ahead of the socket.
inline constexpr std::size_t progress_bytes = 64 * 1024;    ///< What a slow reader takes within the write timeout.

inline constexpr std::chrono::seconds rest_before_trim{1};  ///< Of a connection, before its buffers are given back.

}  // namespace productd::http_bounds
