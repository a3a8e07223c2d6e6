// The file format of the store: its mark, its tables and the steps that lead to them.
#pragma once

#include <filesystem>

#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// The store's file at `path`: application id, schema and the tokenizer that the search indexes need.
SqliteFile store_file(const std::filesystem::path& path, std::int64_t page_cache_bytes_max);

}  // namespace productd
