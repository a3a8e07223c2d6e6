// `productd migrate --from`: a data folder's data, to where the configuration has them.
#pragma once

#include "runtime/config/config.hpp"
#include "runtime/migrate/log_move.hpp"
#include "runtime/migrate/product_move.hpp"

namespace productd {

/// What was moved; nothing for what the configuration leaves in the folder, or what is not there.
struct MigratedData {
    std::optional<ProductCounts> products;
    std::string products_sum;  ///< SHA-256 over all of them, read back; empty for a dry run.
    FencesMove fences = FencesMove::kept;
    std::optional<std::vector<MessageCounts>> messages;
    std::string messages_sum;
    std::vector<std::string> topics_left;  ///< Topics of others with messages, which are not moved.
};

struct MigrateTold {
    std::function<void(const ProductCounts&)> products;
    std::function<void(const MessageCounts&)> messages;
};

/// Puts products and tombstones into the configured store, with versions and all they remember, and where the bus is
/// Kafka what is unread and the dead letters onto its topics. Reads the folder `from`, on which no service may run, and
/// changes nothing there. What is there already is left, so it may be broken off and run again. All of it is read back
/// and compared. With `dry_run` it writes nothing. Fails with failed_precondition where nothing is to be moved, where a
/// service runs, or where unread messages have no store beside them to tell what is finished; with data_loss where what
/// was read back differs, or something else was there.
Result<MigratedData> migrate_data(const Config& config, const std::filesystem::path& from, bool dry_run,
                                  const MigrateTold& told);

}  // namespace productd
