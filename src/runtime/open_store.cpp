// Opens the store that the configuration names. Calls the stores there are.
#include "runtime/open_store.hpp"

#include "outbound/mongo/mongo_product_store.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

namespace {

template <class Store>
Result<std::unique_ptr<ProductStore>> as_port(Result<std::unique_ptr<Store>> opened) {
    if (!opened) return fail(std::move(opened).error());
    return std::move(*opened);
}

}  // namespace

Result<std::unique_ptr<ProductStore>> open_store(const Config& config, EmbeddedMetrics* metrics) {
    if (config.engine.store == "mongodb") return as_port(MongoProductStore::open(mongo_settings(config)));
    auto opened = SqliteProductStore::open(store_settings(config));
    if (opened && metrics != nullptr) metrics->show(**opened);
    return as_port(std::move(opened));
}

}  // namespace productd
