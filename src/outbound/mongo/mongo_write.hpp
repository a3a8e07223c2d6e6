// The bulk write, an outcome for each item.
#pragma once

#include "app/ports/product_store.hpp"
#include "outbound/mongo/mongo_client.hpp"

namespace productd {

/// As ProductStore::write. `expire_at`: when tombstones may go. Blocks.
Result<std::vector<WriteOutcome>> mongo_write(const MongoClients::Client& client,
                                              const std::vector<ProductWrite>& writes, Timestamp expire_at,
                                              Deadline deadline);

}  // namespace productd
