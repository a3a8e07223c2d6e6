// A call of the admin socket for each of the log. Calls admin_client and admin_log_json.
#include "outbound/admin/admin_message_log.hpp"

#include <fmt/format.h>

#include "outbound/admin/admin_log_json.hpp"

namespace productd {

namespace {

using Method = AdminClient::Method;

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return encoded;
}

/// Who subscribes over this socket is told so at the first event.
class NoSubscription : public Subscription {
public:
    Task<SubscriptionEvent> next(FetchRoom) override { co_return fail(refused()); }
    Task<> commit(TopicPartition, Commit) override { co_return fail(refused()); }
    void hold(const TopicPartition&) override {}
    void resume(const TopicPartition&) override {}
    void released(const std::vector<TopicPartition>&) override {}
    void close() override {}

private:
    static Error refused() { return {Errc::unimplemented, "A consumer group cannot be joined over the admin socket."}; }
};

}  // namespace

Task<std::vector<Result<Position>>> AdminMessageLog::publish(std::vector<Record> records) {
    std::vector<Result<Position>> outcomes;
    for (std::size_t next = 0; next < records.size();) {
        std::string body = "[";
        const auto first = next;
        while (next < records.size() && (next == first || body.size() < settings_.request_bytes_max)) {
            if (next > first) body += ',';
            body += admin_log_json::text(records[next++]);
        }
        auto answer = co_await client_.call(Method::post, "/admin/log/messages", body + ']');
        auto some = answer ? admin_log_json::outcomes(*answer) : fail(answer.error());
        if (some && some->size() != next - first)
            some = fail(Errc::internal, "The running service answered too little.");
        if (!some && first == 0) co_return fail(some.error());
        for (auto i = first; i < next; ++i) outcomes.push_back(some ? (*some)[i - first] : fail(some.error()));
    }
    co_return outcomes;
}

std::unique_ptr<Subscription> AdminMessageLog::subscribe(std::string, std::vector<std::string>, asio::any_io_executor) {
    return std::make_unique<NoSubscription>();
}

Task<std::vector<Message>> AdminMessageLog::read(TopicPartition source, std::int64_t from, std::size_t max) {
    std::vector<Message> found;
    while (found.size() < max) {
        const auto target = fmt::format("/admin/log/messages?topic={}&partition={}&from={}&max={}",
                                        percent_encoded(source.topic), source.partition, from, max - found.size());
        auto answer = co_await client_.call(Method::get, target, {});
        if (!answer) co_return fail(std::move(answer).error());
        auto some = admin_log_json::messages(*answer);
        if (!some) co_return fail(std::move(some).error());
        if (some->empty()) break;
        from = some->back().position.offset + 1;
        std::ranges::move(*some, std::back_inserter(found));
    }
    co_return found;
}

Task<> AdminMessageLog::trim(TopicPartition source, std::int64_t before) {
    auto answer = co_await client_.call(Method::post, "/admin/log/trim", admin_log_json::trim_text(source, before));
    if (!answer) co_return fail(std::move(answer).error());
    co_return Result<>{};
}

Task<std::vector<std::string>> AdminMessageLog::create(std::vector<TopicSpec> topics) {
    auto answer = co_await client_.call(Method::post, "/admin/log/topics", admin_log_json::text(topics));
    if (!answer) co_return fail(std::move(answer).error());
    co_return admin_log_json::names(*answer);
}

Task<std::vector<TopicInfo>> AdminMessageLog::describe(std::vector<std::string>) {
    auto answer = co_await client_.call(Method::get, "/admin/log/topics", {});
    if (!answer) co_return fail(std::move(answer).error());
    co_return admin_log_json::topics(*answer);
}

Task<std::vector<std::pair<TopicPartition, Commit>>> AdminMessageLog::commits(std::string group) {
    auto answer = co_await client_.call(Method::get, "/admin/log/commits?group=" + percent_encoded(group), {});
    if (!answer) co_return fail(std::move(answer).error());
    co_return admin_log_json::commits(*answer);
}

Task<std::vector<Found>> AdminMessageLog::stored(std::vector<ProductId> ids) {
    std::string target = "/admin/store/stored?ids=";
    for (const auto& id : ids) target += (target.back() == '=' ? "" : ",") + id.hex();
    auto answer = co_await client_.call(Method::get, target, {});
    if (!answer) co_return fail(std::move(answer).error());
    auto found = admin_log_json::stored(*answer);
    if (found && found->size() != ids.size()) {
        co_return fail(Errc::internal, "The running service answered too little.");
    }
    co_return found;
}

Task<> AdminMessageLog::check() {
    auto answer = co_await client_.call(Method::get, "/admin/log/check", {});
    if (!answer) co_return fail(std::move(answer).error());
    co_return Result<>{};
}

}  // namespace productd
