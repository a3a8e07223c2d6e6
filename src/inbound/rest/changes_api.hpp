// REST about the feed of changes: pages of JSON, which a client may wait for.
#pragma once

#include "app/feed/product_feed.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

class ChangesApi {
public:
    /// Outlives every call.
    explicit ChangesApi(ProductFeed& feed) : feed_(feed) {}

    /// A RestApi's handler.
    Task<HttpResponse> changes(const HttpRequest& request, std::string_view id);

private:
    ProductFeed& feed_;
};

}  // namespace productd
