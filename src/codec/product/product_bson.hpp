// Documents of the collection `products`. Names and types are the contract's; what productd adds is ignored by the
// older service, and may be missing in what that wrote:
//   version (int64), history {fences: [{topic, partition, offset, readUpTo}], digest, deletedAt},
//   format (int32), when a release changed what the others mean: missing is 1, the only one so far,
//   folded {text, at}: name and description as the search compares them, and the updatedAt they were folded for.
// A tombstone has _id, version, tombstone {deletedAt}, history, expireAt, when the server may remove it, and createdAt.
#pragma once

#include "codec/bson.hpp"
#include "domain/decide.hpp"
#include "domain/result.hpp"

namespace productd {

/// `expire_at` is for tombstones. `stored` is not Nothing.
Bson encode_document(const Stored& stored, Timestamp expire_at);
/// The update that makes a product's document a tombstone. It leaves createdAt, which is the product's place in a list.
Bson encode_deletion(const Tombstone& tombstone, Timestamp expire_at);

/// Fails with data_loss for a document that has not what a product needs, or has it in another type, and with
/// unavailable for one of a later format. Numbers may be of any numeric type that holds them exactly; optional members
/// may be missing or null.
Result<Stored> decode_document(const bson_t& document);
/// What `folded` is of a product.
Bson encode_folded(const Product& product);
/// Whether a document that was decoded to `product` has just that. The older service leaves it, and updatedAt, as they
/// were when it changes the text.
bool has_own_folded(const bson_t& document, const Product& product);
/// Under which id a document is stored, whatever else it holds; nothing when that is no id of a product.
std::optional<ProductId> id_of_document(const bson_t& document);

}  // namespace productd
