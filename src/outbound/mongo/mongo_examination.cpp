// Looks at a server for `productd doctor` and changes nothing. Calls libmongoc.
#include "outbound/mongo/mongo_examination.hpp"

#include <algorithm>

namespace productd {

namespace {

Result<> examine_indexes(mongoc_collection_t& products, bool with_first_generation, MongoExamination& found) {
    const auto there = mongo_indexes_there(products);
    if (!there) return fail(there.error());
    for (auto& name : mongo_wanted_indexes(with_first_generation)) {
        const bool is_there = std::ranges::find(*there, name, &MongoIndex::name) != there->end();
        if (!is_there) found.missing_indexes.push_back(std::move(name));
    }
    const auto unread = mongo_first_generation_indexes();
    for (const auto& index : *there) {
        if (std::ranges::find(unread, index.name) != unread.end()) found.unread_indexes.push_back(index);
    }
    return {};
}

Result<> examine_members(const MongoClients::Client& client, MongoExamination& found) {
    auto topology = client.topology();
    if (!topology) return fail(std::move(topology).error());
    found.members = topology->members;
    found.is_sharded = topology->is_sharded;
    return {};
}

}  // namespace

Result<MongoExamination> examine_mongo(const MongoConnection& connection) {
    auto clients = MongoClients::open(connection);
    if (!clients) return fail(std::move(clients).error());
    const MongoClients::Client client(**clients);
    MongoExamination found;
    auto version = client.server_version();
    if (!version) return fail(std::move(version).error());
    found.server_version = std::move(*version);
    const auto products = client.collection();
    if (auto looked = examine_indexes(*products, connection.first_generation_indexes, found); !looked) {
        return fail(std::move(looked).error());
    }
    if (auto looked = examine_members(client, found); !looked) return fail(std::move(looked).error());
    const auto* concern = mongoc_collection_get_write_concern(products.get());
    found.writes_are_safe = mongoc_write_concern_get_wmajority(concern) && mongoc_write_concern_get_journal(concern);
    return found;
}

}  // namespace productd
