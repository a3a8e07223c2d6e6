// The port: each call a blocking one on the pool's threads. Calls the queries and the bulk write.
#include "outbound/mongo/mongo_product_store.hpp"

#include "outbound/mongo/mongo_queries.hpp"
#include "outbound/mongo/mongo_write.hpp"

namespace productd {

Result<std::unique_ptr<MongoProductStore>> MongoProductStore::open(MongoStoreSettings settings) {
    auto clients = MongoClients::open(settings.connection);
    if (!clients) return fail(std::move(clients).error());
    auto check = MongoCheck::open(settings.connection);
    if (!check) return fail(std::move(check).error());
    return std::unique_ptr<MongoProductStore>(
        new MongoProductStore(std::move(settings), std::move(*clients), std::move(*check)));
}

MongoProductStore::MongoProductStore(MongoStoreSettings settings, std::unique_ptr<MongoClients> clients,
                                     MongoCheck check)
    : settings_(std::move(settings)),
      clients_(std::move(clients)),
      indexes_(*clients_, settings_.connection.first_generation_indexes),
      check_(std::move(check)),
      // One connection is left for the indexes.
      pool_("store", std::max<std::size_t>(settings_.connection.pool_size, 2) - 1, settings_.queue_max, "mongo-calls"),
      check_pool_("check of the store", 1, 1, "mongo-check") {}

template <class Call>
auto MongoProductStore::with_client(Deadline deadline, Call call)
    -> Task<typename std::invoke_result_t<Call&, MongoClients::Client&, Deadline>::value_type> {
    using R = std::invoke_result_t<Call&, MongoClients::Client&, Deadline>;
    auto work = [this, deadline, call = std::move(call)]() mutable -> R {
        const auto now = std::chrono::steady_clock::now();
        if (now >= deadline) return fail(time_is_over());
        // Who sets no limit does not wait for ever either.
        const auto until = std::min(deadline, now + settings_.connection.socket_timeout);
        const MongoPatience patience(until);
        MongoClients::Client client(*clients_);
        return call(client, until);
    };
    co_return co_await offload(pool_, std::move(work));
}

Task<std::vector<Found>> MongoProductStore::find(std::vector<ProductId> ids, CallContext context) {
    auto call = [ids = std::move(ids)](MongoClients::Client& client, Deadline until) {
        return mongo_find(*client.collection(), ids, until);
    };
    co_return co_await with_client(context.deadline, std::move(call));
}

Task<std::vector<WriteOutcome>> MongoProductStore::write(std::vector<ProductWrite> writes, CallContext context) {
    const auto expire_at = settings_.now() + settings_.tombstone_ttl;
    auto call = [writes = std::move(writes), expire_at](MongoClients::Client& client, Deadline until) {
        return mongo_write(client, writes, expire_at, until);
    };
    co_return co_await with_client(context.deadline, std::move(call));
}

Task<SearchPage> MongoProductStore::search(SearchQuery query, CallContext context) {
    auto call = [query = std::move(query), time_max = settings_.search_time_max](MongoClients::Client& client,
                                                                                 Deadline until) {
        return mongo_search(*client.collection(), query, time_max, until);
    };
    co_return co_await with_client(context.deadline, std::move(call));
}

Task<> MongoProductStore::check() {
    auto call = [&check = check_] { return check.ping(); };
    co_return co_await offload(check_pool_, std::move(call));
}

}  // namespace productd
