// What `productd doctor` wants to know of a MongoDB.
#pragma once

#include <string>
#include <vector>

#include "outbound/mongo/mongo_client.hpp"

namespace productd {

struct MongoExamination {
    std::string server_version;
    std::vector<std::string> missing_indexes;
    bool writes_are_safe = false;  ///< They wait for most members, and for the disk.
};

/// Connects, reads and changes nothing. Blocks for the time-outs of `connection` at most.
Result<MongoExamination> examine_mongo(const MongoConnection& connection);

}  // namespace productd
