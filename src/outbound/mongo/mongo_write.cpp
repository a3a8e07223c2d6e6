// Insertions, then replacements, in unordered bulks of one kind and one command each. Calls the commands and the
// documents' codec.
#include "outbound/mongo/mongo_write.hpp"

#include <algorithm>

#include "app/ports/product_store.hpp"
#include "codec/product_bson.hpp"
#include "outbound/mongo/mongo_bulk_reply.hpp"
#include "outbound/mongo/mongo_command.hpp"

namespace productd {

namespace {

/// A bulk has at most so many: enough to use a round trip well, and a reply that is still small when all of them lose.
constexpr std::size_t items_at_once = 1'000;
/// A bulk has at most so many: it is one document, which the server takes up to 16 MiB and a little.
constexpr std::size_t bytes_at_once = std::size_t{15} * 1'024 * 1'024;
/// What an item takes beside its document, at most.
constexpr std::size_t item_bytes = 128;
/// For the removal of what was put by mistake.
constexpr std::chrono::seconds take_back_time{1};

using Item = const ProductWrite*;

const ProductId& id_of(const ProductWrite& write) {
    const auto* tombstone = std::get_if<Tombstone>(&write.next);
    return tombstone ? tombstone->id : std::get<StoredProduct>(write.next).product.id;
}

Bson versioned(const ProductId& id, const Version& version) {
    Bson filter;
    filter.id("_id", id);
    if (version.value != 0) {
        filter.integer("version", version.value);
        return filter;
    }
    // The older service writes none: that is version 0. Null is also what is missing.
    BsonArray none;
    none.add([](Bson& elements, const char* key) { elements.integer(key, 0); });
    none.add([](Bson& elements, const char* key) { elements.null(key); });
    Bson in;
    in.array("$in", none.elements());
    filter.document("version", in);
    return filter;
}

Bson encoded(const ProductWrite& write, Timestamp expire_at) {
    const auto* tombstone = std::get_if<Tombstone>(&write.next);
    return write.expected && tombstone ? encode_deletion(*tombstone, expire_at)
                                       : encode_document(write.next, expire_at);
}

Bson command_of(const char* name, const char* items_name, const BsonArray& items) {
    Bson command;
    command.text(name, MongoClients::collection_name).boolean("ordered", false);
    command.array(items_name, items.elements());
    return command;
}

/// An update of what was not there has put it there: its removal by the server's clock came between reading and
/// writing, or somebody asked for what never was. It is taken back; who decides again finds nothing.
Result<> take_back(const MongoClients::Client& client, const ProductWrite& write, Deadline deadline) {
    // Who waits for the write may have gone, and what it put must go all the same.
    const auto until = std::max(deadline, std::chrono::steady_clock::now() + take_back_time);
    const MongoPatience patience(until);
    BsonArray removals;
    removals.add([&](Bson& elements, const char* key) {
        Bson removal;
        removal.document("q", versioned(id_of(write), *version(write.next))).integer("limit", 1);
        elements.document(key, removal);
    });
    bson_error_t error{};
    MongoReply reply;
    if (mongo_run_write(client, command_of("delete", "deletes", removals), until, reply, error)) return {};
    return fail(mongo_error(error));
}

/// Items of one kind, which are one command.
class Bulk {
public:
    bool takes(Item item, const Bson& document) const {
        return item->expected.has_value() == is_update() && items_.size() < items_at_once &&
               bytes_ + document.get()->len + item_bytes <= bytes_at_once;
    }

    void append(Item item, const Bson& document) {
        items_.push_back(item);
        bytes_ += document.get()->len + item_bytes;
        documents_.add([&](Bson& elements, const char* key) {
            if (item->expected) {
                Bson update;
                update.document("q", versioned(id_of(*item), *item->expected)).document("u", document);
                elements.document(key, update.boolean("upsert", true));
            } else {
                elements.document(key, document);
            }
        });
    }

    /// Writes them and notes what became of each among the outcomes of all, whose first item is `first`.
    Result<> execute(const MongoClients::Client& client, Deadline deadline, Item first,
                     std::vector<WriteOutcome>& outcomes) const {
        auto command =
            is_update() ? command_of("update", "updates", documents_) : command_of("insert", "documents", documents_);
        bson_error_t error{};
        MongoReply reply;
        mongo_run_write(client, std::move(command), deadline, reply, error);
        auto told = read_bulk_reply(reply.get(), error, items_.size());
        Result<> taken_back;
        for (const auto index : told.upserted) {
            told.outcomes[index] = fail(Errc::aborted, "The product is not there any more.");
            if (taken_back) taken_back = take_back(client, *items_[index], deadline);
        }
        if (told.failure) return fail(std::move(*told.failure));
        for (std::size_t i = 0; i < items_.size(); ++i) {
            outcomes[static_cast<std::size_t>(items_[i] - first)] = std::move(told.outcomes[i]);
        }
        return taken_back;
    }

private:
    bool is_update() const { return items_.front()->expected.has_value(); }

    std::vector<Item> items_;
    BsonArray documents_;
    std::size_t bytes_ = 0;
};

}  // namespace

Result<std::vector<WriteOutcome>> mongo_write(const MongoClients::Client& client,
                                              const std::vector<ProductWrite>& writes, Timestamp expire_at,
                                              Deadline deadline) {
    std::vector<Item> items;
    items.reserve(writes.size());
    for (const auto& write : writes) items.push_back(&write);
    std::ranges::partition(items, [](Item item) { return !item->expected; });

    std::vector<WriteOutcome> outcomes(writes.size());
    std::optional<Bulk> bulk;
    // A bulk that failed fails the call, though what became of those before it is known. Told of its items alone it
    // would count against each of them, up to their dead letters, and not as the outage it is. Of the others those that
    // were written are found so by their fences when they come again.
    for (const auto* item : items) {
        const auto document = encoded(*item, expire_at);
        if (bulk && !bulk->takes(item, document)) {
            auto done = bulk->execute(client, deadline, writes.data(), outcomes);
            if (!done) return fail(std::move(done).error());
            bulk.reset();
        }
        if (!bulk) bulk.emplace();
        bulk->append(item, document);
    }
    if (bulk) {
        auto done = bulk->execute(client, deadline, writes.data(), outcomes);
        if (!done) return fail(std::move(done).error());
    }
    return outcomes;
}

}  // namespace productd
