// What `productd doctor` wants to know of a MongoDB.
#pragma once

#include <string>
#include <vector>

#include "outbound/mongo/mongo_client.hpp"
#include "outbound/mongo/mongo_indexes.hpp"

namespace productd {

struct MongoExamination {
    std::string server_version;
    std::size_t members = 0;  ///< Of its replica set that hold data; none where it stands alone.
    bool is_sharded = false;  ///< A router answers; its members are not known.
    std::vector<std::string> missing_indexes;
    std::vector<MongoIndex> unread_indexes;  ///< Of the older service: there, and read by none of our queries.
    bool writes_are_safe = false;            ///< They wait for most members, and for the disk.
};

/// Connects, reads and changes nothing. Blocks for the time-outs of `connection` at most.
Result<MongoExamination> examine_mongo(const MongoConnection& connection);

}  // namespace productd
