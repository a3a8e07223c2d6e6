// The indexes of the collection, made in the background when they are missing.
#pragma once

#include <thread>

#include "outbound/mongo/mongo_client.hpp"

namespace productd {

/// Makes one index after the other; what is there stays as it is. Fails with the first error that trying again may
/// mend; what cannot be mended so (a right that is missing, another definition under the name) is a warning in the log.
Result<> mongo_make_indexes(mongoc_collection_t& products);

/// The names of those that are not there.
Result<std::vector<std::string>> mongo_missing_indexes(mongoc_collection_t& products);

/// Tries from its construction on, with pauses, until they are made. Nobody waits for it.
class MongoIndexes {
public:
    explicit MongoIndexes(MongoClients& clients);

private:
    std::jthread thread_;
};

}  // namespace productd
