// What follows from the engines the configuration names. Who adds one begins here: the compiler names every switch.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "app/ports/change_feed.hpp"
#include "app/ports/ids.hpp"
#include "app/ports/message_log.hpp"
#include "app/ports/product_store.hpp"
#include "runtime/cache_and_outcomes.hpp"
#include "runtime/config/config.hpp"

namespace productd {

class SqliteMetrics;
class SqliteProductStore;

/// Who reads what is said: a service has its log, a command a console.
enum class OpenedBy { service, command };

/// Connects to nothing yet with bus: kafka. There, a client that has failed for good ends the process with 1: what it
/// held is delivered again at the next start. `metrics`, if given, shows what the embedded log counts.
Result<std::unique_ptr<MessageLog>> open_message_log(const Config& config, OpenedBy by,
                                                     SqliteMetrics* metrics = nullptr);

/// Makes the topics on the embedded log. On Kafka, where others may have a say in how they are made, it fails with
/// not_found when one is missing and says what to run; brokers that do not answer are waited for, with a warning.
Task<> prepare_topics(MessageLog& log, const Config& config);

struct OpenedStore {
    std::unique_ptr<ProductStore> store;
    std::unique_ptr<ChangeFeed> feed;    ///< Of its changes; ends first.
    SqliteProductStore* file = nullptr;  ///< The same, where it is a file: a server's keeps its own history.
};

/// `store: sqlite` opens or makes its file, which fails as SqliteProductStore::open; `store: mongodb` connects to
/// nothing yet, and fails for a URI that cannot be read. `metrics`, if given, shows what the embedded store counts.
Result<OpenedStore> open_store(const Config& config, SqliteMetrics* metrics = nullptr);

/// `cache: memory` keeps all within the process; `cache: redis` connects in the background, and again whenever it
/// must: Redis need not be there. Fails with invalid_argument for an address that is none. `ids` outlives it.
Result<std::unique_ptr<CacheAndOutcomes>> open_cache(const Config& config, Ids& ids, Metrics& metrics);

/// Whether brokers have the log: topics and group are then as configured, not the contract's.
bool log_is_kafka(const Config& config);
bool cache_is_redis(const Config& config);
/// Whether instances could share the log, but each has a store of its own: with two, each lacks what the other applied.
bool store_is_for_one_instance(const Config& config);
/// The file of the log or store in the data folder; nothing when it is not there that the data is.
std::optional<std::filesystem::path> embedded_log(const Config& config);
std::optional<std::filesystem::path> embedded_store(const Config& config);
/// The server that has the products; nothing when none has.
std::optional<MongoConnection> mongo_server(const Config& config);

}  // namespace productd
