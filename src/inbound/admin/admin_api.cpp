// Answers the commands of this program from the running service. Calls the MessageLog port.
#include "inbound/admin/admin_api.hpp"

#include <iterator>

#include "domain/integer.hpp"
#include "inbound/admin/admin_json.hpp"
#include "inbound/http/message/http_query.hpp"
#include "inbound/http/message/problem.hpp"

namespace productd {

namespace {

constexpr std::size_t messages_max = 1'000;        // In one answer,
constexpr std::size_t answer_bytes_max = 4 << 20;  // or this much of them, but one at least.
constexpr std::size_t messages_at_once = 4;        // Read from the log: bounds the memory by four of the largest.
constexpr std::size_t ids_max = 1'000;

/// Empty when it is not there.
Result<std::string> text(std::string_view query, std::string_view name) {
    auto value = query_value(query, name);
    if (!value) return fail(std::move(value).error());
    return std::move(*value).value_or("");
}

Result<std::int64_t> number(std::string_view query, std::string_view name) {
    const auto digits = text(query, name);
    if (!digits) return fail(digits.error());
    if (const auto value = parse_integer(*digits)) return *value;
    return fail(Errc::invalid_argument, std::string(name) + " must be a number.");
}

Result<std::vector<ProductId>> product_ids(std::string_view list) {
    std::vector<ProductId> ids;
    for (std::size_t at = 0; at < list.size();) {
        const auto end = std::min(list.find(',', at), list.size());
        const auto id = ProductId::parse(list.substr(at, end - at));
        if (!id) return fail(Errc::invalid_argument, "ids must be product ids with commas between.");
        if (ids.size() == ids_max) return fail(Errc::invalid_argument, "ids must be 1000 product ids at most.");
        ids.push_back(*id);
        at = end + 1;
    }
    return ids;
}

}  // namespace

struct AdminApi::Route {
    std::string_view method;
    std::string_view path;
    Answer (AdminApi::*handler)(HttpRequest);
};

const AdminApi::Route AdminApi::routes[] = {
    {"POST", "/admin/log/messages", &AdminApi::publish},  // [{topic, partition?, key?, value?, headers, time}]
    {"GET", "/admin/log/messages", &AdminApi::read},      // ?topic&partition&from&max
    {"POST", "/admin/log/trim", &AdminApi::trim},         // {topic, partition, before}
    {"POST", "/admin/log/topics", &AdminApi::create},     // [{topic, partitions}]
    {"GET", "/admin/log/topics", &AdminApi::describe},
    {"GET", "/admin/log/commits", &AdminApi::commits},  // ?group
    {"GET", "/admin/log/check", &AdminApi::check},
    {"GET", "/admin/store/stored", &AdminApi::stored},  // ?ids=ID,ID
    {"GET", "/admin/lines/level", &AdminApi::level},
    {"POST", "/admin/lines/level", &AdminApi::set_level},  // {level, milliseconds?}
};

boost::asio::awaitable<HttpResponse> AdminApi::handle(HttpRequest request) {
    HttpResponse response{.status = 200, .content_type = "application/json"};
    const Route* chosen = nullptr;
    for (const auto& route : routes) {
        if (route.method == request.method && route.path == request.path()) chosen = &route;
    }
    if (!chosen) {
        response.status = 404;
        response.body = admin_json::text(Error{Errc::unimplemented, "This service has no such admin call."});
        co_return response;
    }
    response.route = chosen->path;
    auto answer = co_await (this->*chosen->handler)(std::move(request));
    if (answer) {
        response.body = std::move(*answer);
    } else {
        response.status = http_status(answer.error().code);
        response.body = admin_json::text(answer.error());
    }
    co_return response;
}

AdminApi::Answer AdminApi::publish(HttpRequest request) {
    auto records = admin_json::records(request.body);
    if (!records) co_return fail(std::move(records).error());
    auto outcomes = co_await log_.publish(std::move(*records));
    if (!outcomes) co_return fail(std::move(outcomes).error());
    co_return admin_json::text(*outcomes);
}

AdminApi::Answer AdminApi::read(HttpRequest request) {
    const auto partition = number(request.query(), "partition");
    if (!partition) co_return fail(partition.error());
    auto from = number(request.query(), "from");
    if (!from) co_return fail(from.error());
    const auto max = number(request.query(), "max");
    if (!max) co_return fail(max.error());
    if (*partition < 0 || *partition > std::numeric_limits<std::int32_t>::max() || *max < 1) {
        co_return fail(Errc::invalid_argument, "partition or max is out of range.");
    }
    auto topic = text(request.query(), "topic");
    if (!topic) co_return fail(std::move(topic).error());
    const TopicPartition source{std::move(*topic), static_cast<std::int32_t>(*partition)};
    const auto wanted = std::min(static_cast<std::size_t>(*max), messages_max);
    std::vector<Message> found;
    std::size_t bytes = 0;
    while (found.size() < wanted && bytes < answer_bytes_max) {
        auto some = co_await log_.read(source, *from, std::min(messages_at_once, wanted - found.size()));
        if (!some) co_return fail(std::move(some).error());
        if (some->empty()) break;
        from = some->back().position.offset + 1;
        for (auto& message : *some) {
            bytes += wire_bytes(message);
            found.push_back(std::move(message));
        }
    }
    co_return admin_json::text(found);
}

AdminApi::Answer AdminApi::trim(HttpRequest request) {
    auto asked = admin_json::trim(request.body);
    if (!asked) co_return fail(std::move(asked).error());
    auto trimmed = co_await log_.trim(asked->source, asked->before);
    if (!trimmed) co_return fail(std::move(trimmed).error());
    co_return "{}";
}

AdminApi::Answer AdminApi::create(HttpRequest request) {
    auto topics = admin_json::topic_specs(request.body);
    if (!topics) co_return fail(std::move(topics).error());
    auto made = co_await log_.create(std::move(*topics));
    if (!made) co_return fail(std::move(made).error());
    co_return admin_json::text(*made);
}

AdminApi::Answer AdminApi::describe(HttpRequest) {
    auto topics = co_await log_.describe({});
    if (!topics) co_return fail(std::move(topics).error());
    co_return admin_json::text(*topics);
}

AdminApi::Answer AdminApi::commits(HttpRequest request) {
    auto group = text(request.query(), "group");
    if (!group) co_return fail(std::move(group).error());
    auto found = co_await log_.commits(std::move(*group));
    if (!found) co_return fail(std::move(found).error());
    co_return admin_json::text(*found);
}

AdminApi::Answer AdminApi::stored(HttpRequest request) {
    if (!store_) co_return fail(Errc::unimplemented, "This service shows no store.");
    const auto list = text(request.query(), "ids");
    if (!list) co_return fail(list.error());
    auto ids = product_ids(*list);
    if (!ids) co_return fail(std::move(ids).error());
    auto found = co_await store_->find(std::move(*ids), request.deadline);
    if (!found) co_return fail(std::move(found).error());
    co_return admin_json::text(*found);
}

AdminApi::Answer AdminApi::level(HttpRequest) { co_return admin_json::text(log::level_now()); }

AdminApi::Answer AdminApi::set_level(HttpRequest request) {
    const auto wanted = admin_json::level(request.body);
    if (!wanted) co_return fail(wanted.error());
    constexpr auto* who = "productd log-level";
    wanted->left ? log::set_level_for(wanted->level, *wanted->left, who) : log::set_level(wanted->level, who);
    co_return admin_json::text(log::level_now());
}

AdminApi::Answer AdminApi::check(HttpRequest) {
    auto checked = co_await log_.check();
    if (!checked) co_return fail(std::move(checked).error());
    co_return "{}";
}

}  // namespace productd
