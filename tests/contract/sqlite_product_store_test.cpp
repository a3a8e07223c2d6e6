// The SQLite store keeps the contract of every store.
#include "outbound/sqlite/store/sqlite_product_store.hpp"

#include <stdexcept>

#include "contract/change_feed_contract.hpp"
#include "contract/product_search_contract.hpp"
#include "contract/product_store_contract.hpp"
#include "fakes/temp_folder.hpp"

namespace productd::contract {

class SqliteStoreHarness {
public:
    SqliteStoreHarness() {
        auto store = SqliteProductStore::open({.path = folder_ / "store.db"});
        if (!store) throw std::runtime_error(store.error().detail + store.error().cause);
        store_ = std::move(*store);
        feed_ = store_->feed();
    }
    ProductStore& store() { return *store_; }
    ChangeFeed& feed() { return *feed_; }

private:
    TempFolder folder_;
    std::unique_ptr<SqliteProductStore> store_;
    std::unique_ptr<ChangeFeed> feed_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ProductStoreContract, SqliteStoreHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ProductSearchContract, SqliteStoreHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ChangeFeedContract, SqliteStoreHarness);

}  // namespace productd::contract
