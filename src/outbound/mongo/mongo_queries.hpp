// What is asked of the collection. Calls block.
#pragma once

#include "app/ports/product_store.hpp"
#include "outbound/mongo/mongo_client.hpp"

namespace productd {

/// As ProductStore::find.
Result<std::vector<Found>> mongo_find(mongoc_collection_t& products, const std::vector<ProductId>& ids,
                                      Deadline deadline);
/// As ProductStore::search. Fails with deadline_exceeded also when one of its queries takes longer than `time_max`.
Result<SearchPage> mongo_search(mongoc_collection_t& products, const SearchQuery& query,
                                std::chrono::milliseconds time_max, Deadline deadline);

/// The filter of a search: products, no tombstones, whose name or description has `text`. What the older service wrote
/// has no folded text, or one of before: there the server compares by itself, without Unicode's longer foldings.
Bson search_filter(const std::string& text);
/// `text` as a pattern that means no more than itself.
std::string literal_pattern(std::string_view text);

}  // namespace productd
