// The two directions of the `-gzip` mark. Calls nobody.
#include "inbound/http/message/http_etag.hpp"

namespace productd {

namespace {

constexpr std::string_view mark = "-gzip";
constexpr std::string_view marked_end = "-gzip\"";

}  // namespace

bool strip_gzip_etags(std::string& value) {
    auto at = value.find(marked_end);
    if (at == std::string::npos) return false;
    // In one pass: a client's header may be a mebibyte of marks.
    std::string stripped;
    stripped.reserve(value.size());
    std::size_t done = 0;
    for (; at != std::string::npos; at = value.find(marked_end, done)) {
        stripped.append(value, done, at - done);
        done = at + mark.size();
    }
    value = stripped.append(value, done);
    return true;
}

void add_gzip_etag(HttpResponse& response) {
    for (auto& [name, value] : response.headers) {
        const bool strong = value.size() >= 2 && value.front() == '"' && value.back() == '"';
        if (name == "ETag" && strong && !value.ends_with(marked_end)) value.insert(value.size() - 1, mark);
    }
}

}  // namespace productd
