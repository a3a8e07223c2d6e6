// The table of indexes first, then who makes those that are missing and tries until it could. Calls libmongoc.
#include "outbound/mongo/mongo_indexes.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>

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

/// The order of searches, and the end of tombstones.
std::vector<Index> indexes_of_ours() {
    std::vector<Index> all;
    all.push_back({"createdAt_-1__id_1", keys({{"createdAt", -1}, {"_id", 1}})});
    all.push_back({"expireAt_1", keys({{"expireAt", 1}}), true});
    return all;
}

std::vector<Index> indexes_of_first_generation() {
    Bson text;
    text.text("name", "text").text("description", "text");
    std::vector<Index> all;
    all.push_back({"name_1_description_1", keys({{"name", 1}, {"description", 1}})});
    all.push_back({"name_text_description_text", std::move(text)});
    return all;
}

std::vector<Index> wanted_indexes(bool with_first_generation) {
    auto all = indexes_of_ours();
    if (with_first_generation) std::ranges::move(indexes_of_first_generation(), std::back_inserter(all));
    return all;
}

std::vector<std::string> index_names(const std::vector<Index>& indexes) {
    std::vector<std::string> names;
    names.reserve(indexes.size());
    for (const auto& index : indexes) names.emplace_back(index.name);
    return names;
}

bool is_worth_trying_again(const bson_error_t& error) {
    return error.domain == MONGOC_ERROR_SERVER_SELECTION || error.domain == MONGOC_ERROR_STREAM ||
           error.domain == MONGOC_ERROR_WRITE_CONCERN ||  // Made, but not by most members yet.
           mongo_error(error).detail.starts_with("The store changes its primary");
}

}  // namespace

Result<> mongo_make_indexes(mongoc_collection_t& products, bool with_first_generation) {
    for (const auto& index : wanted_indexes(with_first_generation)) {
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
        log::warn("An index of the products collection could not be made; if it is missing, make it by hand",
                  {{"index", index.name}, {"error", error.message}});
    }
    return {};
}

std::vector<std::string> mongo_wanted_indexes(bool with_first_generation) {
    return index_names(wanted_indexes(with_first_generation));
}

std::vector<std::string> mongo_first_generation_indexes() { return index_names(indexes_of_first_generation()); }

Result<std::vector<MongoIndex>> mongo_indexes_there(mongoc_collection_t& products) {
    Bson command;
    command.text("collStats", mongoc_collection_get_name(&products));
    bson_error_t error{};
    MongoReply reply;
    if (!mongoc_collection_command_simple(&products, command.get(), nullptr, reply.out(), &error)) {
        return fail(mongo_error(error));
    }
    std::vector<MongoIndex> there;
    bson_iter_t at, sizes;
    if (!bson_iter_init_find(&at, &reply.get(), "indexSizes") || !bson_iter_recurse(&at, &sizes)) return there;
    while (bson_iter_next(&sizes)) there.push_back({bson_iter_key(&sizes), bson_iter_as_int64(&sizes)});
    return there;
}

MongoIndexes::MongoIndexes(MongoClients& clients, bool with_first_generation)
    : thread_([&clients, with_first_generation](const std::stop_token& stop) {
          name_this_thread("mongo-indexes");
          std::mutex mutex;
          std::condition_variable_any stopped;
          while (!stop.stop_requested()) {
              {
                  const MongoClients::Client client(clients);
                  if (mongo_make_indexes(*client.collection(), with_first_generation)) return;
              }
              std::unique_lock lock(mutex);
              stopped.wait_for(lock, stop, pause, [] { return false; });
          }
      }) {}

}  // namespace productd
