// Whether a body may be compressed, and the compressing.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace productd {

/// Whether `accept_encoding` allows gzip and does not prefer the plain body (RFC 9110 12.5.3: q-values, `*`).
bool gzip_accepted(std::string_view accept_encoding);

/// Text, JSON, XML, SVG, scripts; not what is compressed already.
bool compressible(std::string_view content_type);

/// Makes one gzip stream, piece by piece, and another after finish().
class Gzip {
public:
    /// `level`: 1 (fast) to 9 (small). Throws std::bad_alloc.
    explicit Gzip(int level);
    ~Gzip();
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    void append(std::string_view piece, std::string& out) { run(piece, Z_NO_FLUSH, out); }
    void finish(std::string_view last_piece, std::string& out);

private:
    void run(std::string_view piece, int flush, std::string& out);

    z_stream stream_{};
};

}  // namespace productd
