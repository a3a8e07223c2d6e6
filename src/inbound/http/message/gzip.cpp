// Reads Accept-Encoding and content types, and compresses. Calls zlib.
#include "inbound/http/message/gzip.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <optional>

namespace productd {

namespace {

constexpr std::size_t step_bytes = 16 * 1024;
constexpr int gzip_window_bits = 15 + 16;  // + 16: zlib's way to ask for the gzip format.
constexpr int memory_level = 8;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// `0.25` → 250; nothing when it is no weight (RFC 9110 12.4.2).
std::optional<int> thousandths(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int value = (text[0] - '0') * 1'000;
    int unit = 100;
    for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (digit < '0' || digit > '9') return std::nullopt;
        value += (digit - '0') * unit;
        unit /= 10;
    }
    return value > 1'000 ? std::nullopt : std::optional(value);
}

/// The weight in the parameters behind a coding; 0 when it cannot be read: then it is not accepted.
int weight(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto end = parameters.find(';');
        const auto parameter = trimmed(parameters.substr(0, end));
        if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
            return thousandths(trimmed(parameter.substr(2))).value_or(0);
        }
        parameters = end == std::string_view::npos ? std::string_view{} : parameters.substr(end + 1);
    }
    return 1'000;
}

}  // namespace

bool gzip_accepted(std::string_view accept_encoding) {
    std::optional<int> gzip, identity, any;
    while (!accept_encoding.empty()) {
        const auto end = accept_encoding.find(',');
        const auto entry = accept_encoding.substr(0, end);
        accept_encoding = end == std::string_view::npos ? std::string_view{} : accept_encoding.substr(end + 1);
        const auto semicolon = entry.find(';');
        const auto coding = trimmed(entry.substr(0, semicolon));
        const int q = weight(semicolon == std::string_view::npos ? std::string_view{} : entry.substr(semicolon + 1));
        if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip")) gzip = q;
        if (equals_ignoring_case(coding, "identity")) identity = q;
        if (coding == "*") any = q;
    }
    if (!gzip) gzip = any;
    return gzip.value_or(0) > 0 && *gzip >= identity.value_or(0);
}

bool compressible(std::string_view content_type) {
    const auto type = trimmed(content_type.substr(0, content_type.find(';')));
    static constexpr std::array known{std::string_view("application/json"),
                                      std::string_view("application/javascript"),
                                      std::string_view("application/xml"),
                                      std::string_view("application/yaml"),
                                      std::string_view("image/svg+xml"),
                                      std::string_view("application/openmetrics-text"),
                                      std::string_view("application/vnd.google.protobuf")};
    return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
           std::ranges::find(known, type) != known.end();
}

Gzip::Gzip(int level) {
    if (deflateInit2(&stream_, level, Z_DEFLATED, gzip_window_bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc();
    }
}

Gzip::~Gzip() { deflateEnd(&stream_); }

void Gzip::finish(std::string_view last_piece, std::string& out) {
    run(last_piece, Z_FINISH, out);
    deflateReset(&stream_);
}

void Gzip::run(std::string_view piece, int flush, std::string& out) {
    std::array<unsigned char, step_bytes> step;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));  // zlib only reads it.
    stream_.avail_in = static_cast<uInt>(piece.size());
    do {
        stream_.next_out = step.data();
        stream_.avail_out = static_cast<uInt>(step.size());
        deflate(&stream_, flush);
        out.append(reinterpret_cast<const char*>(step.data()), step.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
}

}  // namespace productd
