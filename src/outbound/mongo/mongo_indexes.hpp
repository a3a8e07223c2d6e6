// The indexes of the collection, made in the background when they are missing.
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "outbound/mongo/mongo_client.hpp"

namespace productd {

/// Makes one index after the other; what is there stays as it is. Fails with the first error that trying again may
/// mend; what cannot be mended so (a right that is missing, another definition under the name) is a warning in the log.
/// Those of the older service, which no query of ours reads, only `with_first_generation`.
Result<> mongo_make_indexes(mongoc_collection_t& products, bool with_first_generation);

/// The names of those that mongo_make_indexes() makes.
std::vector<std::string> mongo_wanted_indexes(bool with_first_generation);
/// The names of those of the older service.
std::vector<std::string> mongo_first_generation_indexes();

struct MongoIndex {
    std::string name;
    std::int64_t bytes = 0;  ///< On the disk.
};

/// All that are there; none of a collection that is not.
Result<std::vector<MongoIndex>> mongo_indexes_there(mongoc_collection_t& products);

/// Tries from its construction on, with pauses, until they are made. Nobody waits for it.
class MongoIndexes {
public:
    MongoIndexes(MongoClients& clients, bool with_first_generation);

private:
    std::jthread thread_;
};

}  // namespace productd
