// The MongoDB store keeps the contract of every store.
#include "outbound/mongo/mongo_product_store.hpp"

#include "contract/product_search_contract.hpp"
#include "contract/product_store_contract.hpp"
#include "stack/mongo_server.hpp"

namespace productd::contract {

class MongoStoreHarness {
public:
    MongoStoreHarness() : store_(MongoProductStore::open({.connection = test::mongo_connection()}).value()) {}
    ProductStore& store() { return *store_; }

private:
    std::unique_ptr<MongoProductStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Mongo, ProductStoreContract, MongoStoreHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Mongo, ProductSearchContract, MongoStoreHarness);

}  // namespace productd::contract
