// Reads what is asked for, waits with the feed, writes a page. Calls ProductFeed and the product's codec.
#include "inbound/rest/changes_api.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json/json_writer.hpp"
#include "domain/integer.hpp"
#include "inbound/http/message/http_query.hpp"
#include "inbound/http/message/problem.hpp"
#include "inbound/rest/change_events.hpp"
#include "inbound/rest/change_json.hpp"
#include "inbound/rest/product_requests.hpp"

namespace productd {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t limit_default = 100;
constexpr std::int64_t limit_max = 1'000;
constexpr std::int64_t wait_max_seconds = 30;
/// For the answer to be written before the request's own time is over.
constexpr auto time_to_answer = 500ms;

struct Question {
    std::optional<FeedPosition> since;
    FeedBounds most;
    std::chrono::seconds wait{0};
    ProductMember product = ProductMember::written;
};

bool wants_events(const HttpRequest& request) {
    const auto accept = list_header(request, "accept");
    return accept && accept->find("text/event-stream") != std::string::npos;
}

Result<std::int64_t> number_of(const HttpRequest& request, const char* name, std::int64_t otherwise, std::int64_t least,
                               std::int64_t most) {
    auto text = query_value(request.query(), name);
    if (!text) return fail(std::move(text).error());
    if (!*text) return otherwise;
    const auto number = parse_integer(**text);
    if (!number || *number < least || *number > most) {
        return fail(Errc::invalid_argument, fmt::format("`{}` must be a number from {} to {}.", name, least, most));
    }
    return *number;
}

Result<Question> question_of(const HttpRequest& request) {
    Question question;
    auto since = query_value(request.query(), "since");
    if (!since) return fail(std::move(since).error());
    if (*since && !(*since)->empty()) question.since = FeedPosition{std::move(**since)};
    // What a browser sends when it connects anew is later than what it first asked for.
    const auto last = request.header("last-event-id");
    if (last && !last->empty() && wants_events(request)) question.since = FeedPosition{std::string(*last)};
    const auto limit = number_of(request, "limit", limit_default, 1, limit_max);
    if (!limit) return fail(limit.error());
    question.most.changes_max = static_cast<std::size_t>(*limit);
    const auto wait = number_of(request, "wait", 0, 0, wait_max_seconds);
    if (!wait) return fail(wait.error());
    question.wait = std::chrono::seconds(*wait);
    const auto prefer = list_header(request, "prefer");
    if (prefer && prefer->find("return=minimal") != std::string::npos) question.product = ProductMember::left_out;
    return question;
}

void append_changes(std::string& out, const FeedPage& page, ProductMember product) {
    json::ObjectWriter object(out);
    json::append_array(object.member("changes"), page.changes,
                       [&](const ProductChange& change) { append_change(out, change, product); });
    object.text("next", page.next.text);
    object.boolean("snapshot", page.is_snapshot);
    object.boolean("end", page.is_end);
}

HttpResponse answer(const FeedPage& page, ProductMember product) {
    HttpResponse response{.content_type = "application/json; charset=UTF-8"};
    append_changes(response.body, page, product);
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("Vary", "Accept, Prefer");
    if (product == ProductMember::left_out) response.headers.emplace_back("Preference-Applied", "return=minimal");
    return response;
}

HttpResponse events(std::shared_ptr<ChangeEvents> source) {
    HttpResponse response{.content_type = "text/event-stream"};
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("Vary", "Accept, Prefer");
    response.headers.emplace_back("X-Accel-Buffering", "no");  // nginx in front of it hands each piece on at once.
    response.source = std::move(source);
    return response;
}

}  // namespace

Task<HttpResponse> ChangesApi::changes(const HttpRequest& request, std::string_view) {
    auto question = question_of(request);
    if (!question) co_return fail(std::move(question).error());
    auto place = feed_.watch();
    if (!place) co_return fail(std::move(place).error());
    const bool is_stream = wants_events(request);
    if (is_stream) question->wait = {};
    const auto wait_until =
        std::min(std::chrono::steady_clock::now() + question->wait, request.deadline - time_to_answer);
    const CallContext context(request.deadline, request.trace.context);
    auto page = co_await feed_.changes(std::move(question->since), question->most, wait_until, context);
    if (page && is_stream) {
        const auto end = std::chrono::steady_clock::now() + feed_.settings().stream_age;
        co_return events(
            std::make_shared<ChangeEvents>(feed_, std::move(*place), std::move(*page), question->product, end));
    }
    if (page) co_return answer(*page, question->product);
    if (page.error().code != Errc::out_of_range) co_return fail(std::move(page).error());
    co_return problem(410, "Gone", page.error().detail + " Ask without `since` for a snapshot first.", request.path(),
                      request.request_id);
}

}  // namespace productd
