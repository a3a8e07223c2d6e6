// Where products are kept: a port. Every method may be called from any thread unless it
// says otherwise; a Task resumes on its caller's executor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/ports/call_context.hpp"
#include "app/ports/store_mark.hpp"
#include "async/async.hpp"
#include "domain/decide.hpp"
#include "domain/product.hpp"

namespace productd {

/// One compare-and-set: `next` is stored if the stored version still is `expected` (nothing: nothing is stored).
struct ProductWrite {
    std::optional<Version> expected;
    Stored next;  ///< A product or a tombstone, never Nothing.
};

/// What became of one write: stored; Errc::aborted when another version is stored; or why this item alone failed.
using WriteOutcome = Result<>;

/// What a read found under an id, or why what is there cannot be had: data_loss when its bytes were read and say
/// nothing, unavailable when a later release wrote them, any other code when it may be had another time.
using Found = Result<Stored>;

struct SearchQuery {
    std::string text;                 ///< Data, never a pattern. Empty matches every product.
    std::int64_t page = 1;            ///< From 1.
    std::int64_t size = 10;           ///< 1 to 100.
    std::int64_t count_max = 10'000;  ///< Counting stops there.
};

struct SearchPage {
    std::vector<Product> products;  ///< Newest first (createdAt), then by id ascending.
    std::int64_t total_count = 0;   ///< At most count_max.
    bool total_count_capped = false;
};

/// Whether there is a page behind this one. Above the count's cap a full page says so.
inline bool has_more(const SearchQuery& query, const SearchPage& page) {
    const bool is_full = static_cast<std::int64_t>(page.products.size()) == query.size;
    return query.page * query.size < page.total_count || (page.total_count_capped && is_full);
}

class ProductStore {
public:
    virtual ~ProductStore() = default;

    // A call that has not begun by its context's deadline fails with deadline_exceeded, and does nothing; one that runs
    // is ended by the store where it can, soon enough for its answer to arrive in time. A write that is ended so is
    // like any that fails: some of it may be stored.

    /// What is stored under each id, in the order asked.
    virtual Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext context) = 0;
    /// Writes in bulk, an outcome for each item in its order. The ids are distinct. The call as a whole fails only
    /// when nothing is known of any item (unavailable, deadline_exceeded).
    virtual Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext context) = 0;
    virtual Task<SearchPage> search(SearchQuery query, CallContext context) = 0;
    /// Fails with one sentence while the store cannot serve. Takes the place of no other call, and waits behind none.
    virtual Task<> check() = 0;
    /// What is durable now; nothing where the store is no file of ours. Never blocks.
    virtual std::optional<StoreMark> mark() const { return std::nullopt; }
};

/// What is stored under one id.
inline Task<Stored> find_one(ProductStore& store, ProductId id, CallContext context) {
    std::vector<ProductId> ids{id};
    auto found = co_await store.find(std::move(ids), context);
    if (!found) co_return fail(std::move(found.error()));
    co_return std::move(found->front());
}

}  // namespace productd
