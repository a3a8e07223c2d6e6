// Looks at a server for `productd doctor` and changes nothing. Calls libmongoc.
#include "outbound/mongo/mongo_examination.hpp"

#include "outbound/mongo/mongo_indexes.hpp"

namespace productd {

Result<MongoExamination> examine_mongo(const MongoConnection& connection) {
    auto clients = MongoClients::open(connection);
    if (!clients) return fail(std::move(clients).error());
    const MongoClients::Client client(**clients);
    MongoExamination found;
    auto version = client.server_version();
    if (!version) return fail(std::move(version).error());
    found.server_version = std::move(*version);
    const auto products = client.collection();
    auto missing = mongo_missing_indexes(*products);
    if (!missing) return fail(std::move(missing).error());
    found.missing_indexes = std::move(*missing);
    const auto* concern = mongoc_collection_get_write_concern(products.get());
    found.writes_are_safe = mongoc_write_concern_get_wmajority(concern) && mongoc_write_concern_get_journal(concern);
    return found;
}

}  // namespace productd
