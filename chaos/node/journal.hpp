// How far the journal of a store's writes goes. It is the store's own, made with each write, so it does not depend on
// how far the node came.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace productd::chaos {

/// A number that only grows; -1 when it cannot be read.
using JournalEnd = std::function<std::int64_t()>;

/// Of store.db, in which a trigger keeps the journal.
JournalEnd sqlite_journal(const std::filesystem::path& file);

/// Of a replica set, whose oplog is the journal: the time in it up to which most members have all. `uri` is the primary
/// itself, past what stands between it and the store. Waits for a server that stands still.
JournalEnd mongo_journal(const std::string& uri);

}  // namespace productd::chaos
