// REST for people with a browser: the front page, Swagger UI, and the description that both show.
#pragma once

#include "async/async.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

struct EmbeddedPage;

class PagesApi {
public:
    /// `metrics_shown`: whether the front page may lead to /metrics.
    explicit PagesApi(bool metrics_shown) : metrics_shown_(metrics_shown) {}

    // One a route, each a RestApi's handler.
    Task<HttpResponse> front(const HttpRequest& request, std::string_view id);
    /// The page of the request's path; not_found where there is none.
    Task<HttpResponse> page(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> to_swagger(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> to_favicon(const HttpRequest& request, std::string_view id);

private:
    Task<HttpResponse> answer(const EmbeddedPage& page, const HttpRequest& request);

    bool metrics_shown_;
};

}  // namespace productd
