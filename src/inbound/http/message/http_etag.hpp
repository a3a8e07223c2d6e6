// Strong ETags and gzip. A compressed body is another representation, so RFC 9110 (8.8.3.3) wants another ETag for
// it: `"7"` is sent as `"7-gzip"`, and read back as `"7"`, so that If-Match works with either.
#pragma once

#include <string>

#include "inbound/http/message/http_message.hpp"

namespace productd {

/// Takes `-gzip` from the entity tags of an If-Match or If-None-Match; whether there was one.
bool strip_gzip_etags(std::string& value);

/// Marks the strong ETag of `response`, if it has one.
void add_gzip_etag(HttpResponse& response);

}  // namespace productd
