// Calls the store, and tells the span and the metrics how that ended.
#include "outbound/observed/observed_product_store.hpp"

#include <algorithm>

namespace productd {

namespace {

/// The first item that failed; a lost race is none, and is tried again.
template <class Item>
void show_failed_item(ObservedCall& call, const std::vector<Item>& items) {
    for (const auto& item : items) {
        if (!item && item.error().code != Errc::aborted) return call.fail(item.error());
    }
}

}  // namespace

Task<std::vector<Found>> ObservedProductStore::find(std::vector<ProductId> ids, CallContext context) {
    auto call = begin("find", ids.size(), context.trace);
    auto found = co_await store_.find(std::move(ids), {context.deadline, call.context()});
    if (found) {
        const auto is_there = [](const Found& one) { return one && !std::holds_alternative<Nothing>(*one); };
        call.span().set(span_name::db_response_returned_rows, std::ranges::count_if(*found, is_there));
        show_failed_item(call, *found);
    } else {
        call.fail(found.error());
    }
    co_return found;
}

Task<std::vector<WriteOutcome>> ObservedProductStore::write(std::vector<ProductWrite> writes, CallContext context) {
    auto call = begin("write", writes.size(), context.trace);
    auto written = co_await store_.write(std::move(writes), {context.deadline, call.context()});
    if (written) {
        show_failed_item(call, *written);
    } else {
        call.fail(written.error());
    }
    co_return written;
}

Task<SearchPage> ObservedProductStore::search(SearchQuery query, CallContext context) {
    auto call = begin("search", 1, context.trace);
    auto page = co_await store_.search(std::move(query), {context.deadline, call.context()});
    if (page) {
        call.span().set(span_name::db_response_returned_rows, static_cast<std::int64_t>(page->products.size()));
    } else {
        call.fail(page.error());
    }
    co_return page;
}

}  // namespace productd
