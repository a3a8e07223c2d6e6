// A write command of our own: the driver's bulks take no `maxTimeMS`.
#pragma once

#include "outbound/mongo/mongo_client.hpp"

namespace productd {

/// Runs an `insert`, `update` or `delete` of documents named by their ids. The server works on it, and waits for its
/// members, no longer than until `deadline`. Where members can take each other's place, it is numbered and asked for
/// once more if the connection breaks or the primary changes, while there is time: a server does a number once. False,
/// with `error`, unless the server has answered that it is done as asked, errors of single items apart; `reply` is what
/// it answered, if anything. Blocks.
bool mongo_run_write(const MongoClients::Client& client, Bson command, Deadline deadline, MongoReply& reply,
                     bson_error_t& error);

}  // namespace productd
