// Writing. Calls libbson and the search's folding.
#include "codec/product/product_bson.hpp"

#include "codec/text_fold.hpp"

namespace productd {

namespace {

std::string folded_text(const Product& product) {
    return folded(product.name) + folded_break + folded(product.description);
}

void append_history(Bson& document, const History& history) {
    if (history == History{}) return;
    BsonArray fences;
    for (const auto& fence : history.fences.entries()) {
        fences.add([&](Bson& elements, const char* key) {
            Bson entry;
            entry.text("topic", fence.source.topic).integer("partition", fence.source.partition);
            entry.integer("offset", fence.offset).date("readUpTo", fence.read_up_to);
            elements.document(key, entry);
        });
    }
    Bson entry;
    entry.array("fences", fences.elements());
    if (history.digest) entry.bytes("digest", history.digest->data(), history.digest->size());
    if (history.deleted_at) entry.date("deletedAt", *history.deleted_at);
    document.document("history", entry);
}

Bson product_document(const StoredProduct& stored) {
    const auto& product = stored.product;
    Bson document;
    document.id("_id", product.id);
    if (!product.category_id.is_none()) document.id("categoryId", product.category_id);
    document.text("name", product.name).text("description", product.description).real("price", product.price);
    if (!product.image_url.empty()) document.text("imageUrl", product.image_url);
    BsonArray photos;
    for (const auto& photo : product.photos) {
        photos.add([&](Bson& elements, const char* key) { elements.text(key, photo); });
    }
    document.array("photos", photos.elements()).integer("quantity", product.quantity).integer("rating", product.rating);
    document.date("createdAt", product.created_at).date("updatedAt", product.updated_at);
    document.integer("version", product.version.value);
    append_history(document, stored.history);
    document.document("folded", encode_folded(product));
    return document;
}

void append_tombstone(Bson& document, const Tombstone& tombstone, Timestamp expire_at) {
    document.integer("version", tombstone.version.value);
    Bson deletion;
    deletion.date("deletedAt", tombstone.deleted_at);
    document.document("tombstone", deletion).date("expireAt", expire_at);
    append_history(document, tombstone.history);
}

}  // namespace

Bson encode_folded(const Product& product) {
    Bson folded;
    folded.text("text", folded_text(product)).date("at", product.updated_at);
    return folded;
}

Bson encode_document(const Stored& stored, Timestamp expire_at) {
    if (const auto* product = std::get_if<StoredProduct>(&stored)) return product_document(*product);
    const auto& tombstone = std::get<Tombstone>(stored);
    Bson document;
    document.id("_id", tombstone.id);
    append_tombstone(document, tombstone, expire_at);
    return document;
}

Bson encode_deletion(const Tombstone& tombstone, Timestamp expire_at) {
    Bson kept, dropped, update;
    append_tombstone(kept, tombstone, expire_at);
    for (const char* name : {"categoryId", "name", "description", "price", "imageUrl", "photos", "quantity", "rating",
                             "updatedAt", "folded"}) {
        dropped.boolean(name, true);
    }
    if (tombstone.history == History{}) dropped.boolean("history", true);
    update.document("$set", kept).document("$unset", dropped);
    return update;
}

}  // namespace productd
