// Products as documents of one MongoDB collection.
#pragma once

#include <functional>

#include "app/ports/product_store.hpp"
#include "outbound/mongo/mongo_client.hpp"
#include "outbound/mongo/mongo_indexes.hpp"

namespace productd {

/// Compare-and-set is a replacement by `{_id, version}` with upsert: where another version is stored the server refuses
/// the insertion of a second `_id`, which tells exactly which items of a bulk lost (decision 14). Every read asks the
/// primary for what most members have.
class MongoProductStore : public ProductStore {
public:
    /// Connects to nothing yet: a service may start before its store. Indexes are made in the background. Fails with
    /// invalid_argument for a URI that cannot be read.
    static Result<std::unique_ptr<MongoProductStore>> open(MongoStoreSettings settings);

    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext context) override;
    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext context) override;
    Task<SearchPage> search(SearchQuery query, CallContext context) override;
    Task<> check() override;

private:
    MongoProductStore(MongoStoreSettings settings, std::unique_ptr<MongoClients> clients, MongoCheck check);

    /// Runs `call` with a connection on a thread of the pool, which both are free again soon after `deadline`.
    template <class Call>
    auto with_client(Deadline deadline, Call call)
        -> Task<typename std::invoke_result_t<Call&, MongoClients::Client&, Deadline>::value_type>;

    MongoStoreSettings settings_;
    std::unique_ptr<MongoClients> clients_;
    MongoIndexes indexes_;
    MongoCheck check_;  ///< On the thread of check_pool_.
    // The first to go: their threads use all of the above.
    BlockingPool pool_;
    BlockingPool check_pool_;
};

}  // namespace productd
