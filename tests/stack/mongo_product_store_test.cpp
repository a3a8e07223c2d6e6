// The MongoDB store keeps the contract of every store.
#include "outbound/mongo/mongo_product_store.hpp"

#include "contract/product_search_contract.hpp"
#include "contract/product_store_contract.hpp"
#include "stack/mongo_server.hpp"

namespace productd::contract {

class MongoStoreHarness {
public:
    MongoStoreHarness() {
        // The stand-in fails what two connections do at once to a database that is just being made; MongoDB does not.
        const auto connection = test::mongo_connection();
        const auto clients = MongoClients::open(connection).value();
        mongo_make_indexes(*MongoClients::Client(*clients).collection()).value();
        store_ = MongoProductStore::open({.connection = connection}).value();
    }
    ProductStore& store() { return *store_; }

private:
    std::unique_ptr<MongoProductStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Mongo, ProductStoreContract, MongoStoreHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Mongo, ProductSearchContract, MongoStoreHarness);

}  // namespace productd::contract
