// The table of indexes first, then who makes those that are missing and tries until it could. Calls libmongoc.
#include "outbound/mongo/mongo_indexes.hpp"

#include <array>
#include <condition_variable>
#include <mutex>
#include <set>

#include "async/thread_name.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::seconds pause{5};

struct Index {
    const char* name;
    Bson keys;
    bool expires = false;  ///< At the date in its key.
};

Bson keys(std::initializer_list<std::pair<const char*, int>> fields) {
    Bson document;
    for (const auto& [field, direction] : fields) document.integer(field, direction);
    return document;
}

/// Those of the contract, the order of searches with what searches compare, and the end of tombstones.
std::vector<Index> indexes() {
    Bson text;
    text.text("name", "text").text("description", "text");
    std::vector<Index> all;
    all.push_back({"name_1_description_1", keys({{"name", 1}, {"description", 1}})});
    all.push_back({"name_text_description_text", std::move(text)});
    all.push_back({"createdAt_-1__id_1", keys({{"createdAt", -1}, {"_id", 1}})});
    all.push_back({"expireAt_1", keys({{"expireAt", 1}}), true});
    return all;
}

bool is_worth_trying_again(const bson_error_t& error) {
    return error.domain == MONGOC_ERROR_SERVER_SELECTION || error.domain == MONGOC_ERROR_STREAM ||
           error.domain == MONGOC_ERROR_WRITE_CONCERN ||  // Made, but not by most members yet.
           mongo_error(error).detail.starts_with("The store changes its primary");
}

}  // namespace

Result<> mongo_make_indexes(mongoc_collection_t& products) {
    for (const auto& index : indexes()) {
        Bson entry;
        entry.document("key", index.keys).text("name", index.name);
        // Builds of servers before 4.2 would stop all else; later ones ignore it.
        entry.boolean("background", true);
        if (index.expires) entry.integer("expireAfterSeconds", 0);
        BsonArray list;
        list.add([&](Bson& elements, const char* key) { elements.document(key, entry); });
        Bson command;
        command.text("createIndexes", mongoc_collection_get_name(&products)).array("indexes", list.elements());
        bson_error_t error{};
        MongoReply reply;
        const bool is_made =
            mongoc_collection_write_command_with_opts(&products, command.get(), nullptr, reply.out(), &error);
        if (is_made) continue;
        if (is_worth_trying_again(error)) return fail(mongo_error(error));
        log::warn("An index of the products collection is missing and could not be made; make it by hand",
                  {{"index", index.name}, {"error", error.message}});
    }
    return {};
}

Result<std::vector<std::string>> mongo_missing_indexes(mongoc_collection_t& products) {
    std::set<std::string> there;
    const MongoCursor cursor(mongoc_collection_find_indexes_with_opts(&products, nullptr));
    const bson_t* index = nullptr;
    while (mongoc_cursor_next(cursor.get(), &index)) {
        bson_iter_t at;
        if (bson_iter_init_find(&at, index, "name") && BSON_ITER_HOLDS_UTF8(&at)) {
            there.emplace(bson_iter_utf8(&at, nullptr));
        }
    }
    bson_error_t error{};
    if (mongoc_cursor_error(cursor.get(), &error)) return fail(mongo_error(error));
    std::vector<std::string> missing;
    for (const auto& index_of_ours : indexes()) {
        if (!there.contains(index_of_ours.name)) missing.emplace_back(index_of_ours.name);
    }
    return missing;
}

MongoIndexes::MongoIndexes(MongoClients& clients)
    : thread_([&clients](const std::stop_token& stop) {
          name_this_thread("mongo-indexes");
          std::mutex mutex;
          std::condition_variable_any stopped;
          while (!stop.stop_requested()) {
              {
                  const MongoClients::Client client(clients);
                  if (mongo_make_indexes(*client.collection())) return;
              }
              std::unique_lock lock(mutex);
              stopped.wait_for(lock, stop, pause, [] { return false; });
          }
      }) {}

}  // namespace productd
