// The two directions of the `-gzip` mark. Calls nobody.
#include "inbound/http/message/http_etag.hpp"

namespace productd {

namespace {

constexpr std::string_view mark = "-gzip";
constexpr std::string_view marked_end = "-gzip\"";

}  // namespace

bool strip_gzip_etags(std::string& value) {
    bool found = false;
    for (auto at = value.find(marked_end); at != std::string::npos; at = value.find(marked_end, at)) {
        value.erase(at, mark.size());
        found = true;
    }
    return found;
}

void add_gzip_etag(HttpResponse& response) {
    for (auto& [name, value] : response.headers) {
        const bool strong = value.size() >= 2 && value.front() == '"' && value.back() == '"';
        if (name == "ETag" && strong && !value.ends_with(marked_end)) value.insert(value.size() - 1, mark);
    }
}

}  // namespace productd
