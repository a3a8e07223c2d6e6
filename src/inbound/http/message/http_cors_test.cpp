#include "inbound/http/message/http_cors.hpp"

#include <gmock/gmock.h>

namespace productd {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Pair;

HttpRequest options(std::vector<std::pair<std::string, std::string>> headers) {
    return {.method = "OPTIONS", .target = "/api", .headers = std::move(headers)};
}

auto offered(const Cors& cors, const HttpRequest& request) {
    HttpResponse response;
    cors.offer(request, "GET, PUT", response);
    return response.headers;
}

const auto preflight = options({{"origin", "https://a.example"}, {"access-control-request-method", "PUT"}});

TEST(HttpCors, OffersAPreflightOfAnAllowedOriginTheMethodsOfThePath) {
    for (const char* origins : {"*", "https://a.example"}) {
        EXPECT_THAT(offered(Cors({origins}), preflight), Contains(Pair("Access-Control-Allow-Methods", "GET, PUT")));
    }
}

TEST(HttpCors, OffersNothingToAnotherOriginNorWhereNoneIsAllowed) {
    EXPECT_THAT(offered(Cors({"https://b.example"}), preflight), IsEmpty());
    EXPECT_THAT(offered(Cors({}), preflight), IsEmpty());
}

TEST(HttpCors, OffersNothingToWhatIsNoPreflight) {
    EXPECT_THAT(offered(Cors({"*"}), options({})), IsEmpty());
    EXPECT_THAT(offered(Cors({"*"}), options({{"origin", "https://a.example"}})), IsEmpty());
    auto put = preflight;
    put.method = "PUT";
    EXPECT_THAT(offered(Cors({"*"}), put), IsEmpty());
}

}  // namespace
}  // namespace productd
