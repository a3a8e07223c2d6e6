// The web pages, compressed and embedded in the program. What is listed is made by tools/make_pages.py from api/.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace productd {

/// All of it is static storage.
struct EmbeddedPage {
    std::string_view path;  ///< `/swagger/index.html`; a name without a slash is a variant of a page.
    std::string_view content_type;
    std::string_view etag;  ///< Strong, of the content as it is uncompressed.
    std::size_t bytes;      ///< Uncompressed.
    std::string_view gzip;
};

std::span<const EmbeddedPage> embedded_pages();

}  // namespace productd
