// The port: each call a blocking one on the pool's threads. Calls the queries and the bulk write.
#include "outbound/mongo/mongo_product_store.hpp"

#include "outbound/mongo/mongo_queries.hpp"
#include "outbound/mongo/mongo_write.hpp"

namespace productd {

namespace {

/// For the answer to a query that the server has ended, to arrive.
constexpr std::chrono::seconds search_grace{1};

}  // namespace

Result<std::unique_ptr<MongoProductStore>> MongoProductStore::open(MongoStoreSettings settings) {
    auto clients = MongoClients::open(settings.connection);
    if (!clients) return fail(std::move(clients).error());
    auto search_clients = MongoClients::open(settings.connection, settings.search_time_max + search_grace);
    if (!search_clients) return fail(std::move(search_clients).error());
    auto check = MongoCheck::open(settings.connection);
    if (!check) return fail(std::move(check).error());
    return std::unique_ptr<MongoProductStore>(
        new MongoProductStore(std::move(settings), std::move(*clients), std::move(*search_clients), std::move(*check)));
}

MongoProductStore::MongoProductStore(MongoStoreSettings settings, std::unique_ptr<MongoClients> clients,
                                     std::unique_ptr<MongoClients> search_clients, MongoCheck check)
    : settings_(std::move(settings)),
      clients_(std::move(clients)),
      search_clients_(std::move(search_clients)),
      indexes_(*clients_, settings_.connection.first_generation_indexes),
      check_(std::move(check)),
      // One connection is left for the indexes.
      pool_("store", std::max<std::size_t>(settings_.connection.pool_size, 2) - 1, settings_.queue_max, "mongo-calls"),
      check_pool_("check of the store", 1, 1, "mongo-check") {}

template <class Call>
auto MongoProductStore::with_client(MongoClients& clients, Call call)
    -> Task<typename std::invoke_result_t<Call&, MongoClients::Client&>::value_type> {
    auto work = [&clients, call = std::move(call)]() mutable {
        MongoClients::Client client(clients);
        return call(client);
    };
    co_return co_await offload(pool_, std::move(work));
}

Task<std::vector<Found>> MongoProductStore::find(std::vector<ProductId> ids) {
    auto call = [ids = std::move(ids)](MongoClients::Client& client) { return mongo_find(*client.collection(), ids); };
    co_return co_await with_client(*clients_, std::move(call));
}

Task<std::vector<WriteOutcome>> MongoProductStore::write(std::vector<ProductWrite> writes) {
    const auto expire_at = settings_.now() + settings_.tombstone_ttl;
    auto call = [writes = std::move(writes), expire_at](MongoClients::Client& client) {
        return mongo_write(*client.collection(), writes, expire_at);
    };
    co_return co_await with_client(*clients_, std::move(call));
}

Task<SearchPage> MongoProductStore::search(SearchQuery query) {
    auto call = [query = std::move(query), time_max = settings_.search_time_max](MongoClients::Client& client) {
        return mongo_search(*client.collection(), query, time_max);
    };
    co_return co_await with_client(*search_clients_, std::move(call));
}

Task<> MongoProductStore::check() {
    auto call = [&check = check_] { return check.ping(); };
    co_return co_await offload(check_pool_, std::move(call));
}

}  // namespace productd
