// Counts first: only they tell that a command came to its end. Calls libbson and the table of errors.
#include "outbound/mongo/mongo_bulk_reply.hpp"

#include <algorithm>

namespace productd {

namespace {

/// Calls `each` with every document of an array of the reply.
template <class Each>
void elements(const bson_t& reply, const char* name, Each each) {
    bson_iter_t at, element;
    if (!bson_iter_init_find(&at, &reply, name) || !BSON_ITER_HOLDS_ARRAY(&at)) return;
    if (!bson_iter_recurse(&at, &element)) return;
    while (bson_iter_next(&element)) {
        bson_iter_t inside;
        if (BSON_ITER_HOLDS_DOCUMENT(&element) && bson_iter_recurse(&element, &inside)) each(inside);
    }
}

std::int64_t number(bson_iter_t inside, const char* name) {
    return bson_iter_find(&inside, name) ? bson_iter_as_int64(&inside) : -1;
}

std::string text(bson_iter_t inside, const char* name) {
    return bson_iter_find(&inside, name) && BSON_ITER_HOLDS_UTF8(&inside) ? bson_iter_utf8(&inside, nullptr) : "";
}

std::int64_t count_of(const bson_t& reply, const char* name) {
    bson_iter_t at;
    return bson_iter_init_find(&at, &reply, name) ? bson_iter_as_int64(&at) : 0;
}

/// The item an element of an array is about.
std::optional<std::size_t> item_of(const bson_iter_t& inside, std::size_t items) {
    const auto index = number(inside, "index");
    if (index < 0 || index >= static_cast<std::int64_t>(items)) return std::nullopt;
    return static_cast<std::size_t>(index);
}

/// Fails where the members did not confirm: it is written then, and perhaps rolled back later, so nothing may be told.
std::optional<Error> failure_of_concern(const bson_t& reply) {
    bson_iter_t at, inside;
    if (!bson_iter_init_find(&at, &reply, "writeConcernError") || !BSON_ITER_HOLDS_DOCUMENT(&at)) return std::nullopt;
    if (!bson_iter_recurse(&at, &inside)) return std::nullopt;
    auto failure = mongo_item_error(static_cast<std::int32_t>(number(inside, "code")), text(inside, "errmsg"));
    failure.code = Errc::unavailable;
    return failure;
}

/// What is told when the command failed, or its reply does not account for each of its items.
Error failure_of_the_rest(const bson_error_t& error) {
    if (error.code == 0) {
        return {Errc::unavailable, "The store did not answer for the whole of a write: try again.", {}, {}};
    }
    auto failure = mongo_error(error);
    // Lost races are told of items; of the whole nothing is known, and it may be tried again.
    if (failure.code == Errc::aborted) failure.code = Errc::unavailable;
    return failure;
}

}  // namespace

MongoBulkReply read_bulk_reply(const bson_t& reply, const bson_error_t& error, std::size_t items) {
    MongoBulkReply told{.outcomes = std::vector<WriteOutcome>(items)};
    elements(reply, "writeErrors", [&](const bson_iter_t& inside) {
        const auto code = static_cast<std::int32_t>(number(inside, "code"));
        if (const auto item = item_of(inside, items)) {
            told.outcomes[*item] = fail(mongo_item_error(code, text(inside, "errmsg")));
        }
    });
    elements(reply, "upserted", [&](const bson_iter_t& inside) {
        if (const auto item = item_of(inside, items)) told.upserted.push_back(*item);
    });

    const auto failed = std::ranges::count_if(told.outcomes, [](const auto& outcome) { return !outcome; });
    const auto done = count_of(reply, "n");  // Inserted; or matched and upserted.
    const bool is_whole = error.code == 0 && done + failed >= std::ssize(told.outcomes);
    told.failure = failure_of_concern(reply);
    if (!told.failure && !is_whole) told.failure = failure_of_the_rest(error);
    return told;
}

}  // namespace productd
