// Begins a span, calls the store, and tells the span how that ended.
#include "outbound/traced/traced_product_store.hpp"

#include <algorithm>

namespace productd {

namespace {

void fail(Span& span, const Error& error) { span.fail(name(error.code), error.detail); }

/// The first item that failed; a lost race is none, and is tried again.
template <class Item>
void show_failed_item(Span& span, const std::vector<Item>& items) {
    for (const auto& item : items) {
        if (!item && item.error().code != Errc::aborted) return fail(span, item.error());
    }
}

}  // namespace

Task<std::vector<Found>> TracedProductStore::find(std::vector<ProductId> ids, CallContext context) {
    auto span = database_.begin(tracer_, "find", ids.size(), context.trace);
    auto found = co_await store_.find(std::move(ids), {context.deadline, span.context()});
    if (!span.is_recorded()) co_return found;
    if (found) {
        const auto is_there = [](const Found& one) { return one && !std::holds_alternative<Nothing>(*one); };
        span.set(span_name::db_response_returned_rows, std::ranges::count_if(*found, is_there));
        show_failed_item(span, *found);
    } else {
        fail(span, found.error());
    }
    co_return found;
}

Task<std::vector<WriteOutcome>> TracedProductStore::write(std::vector<ProductWrite> writes, CallContext context) {
    auto span = database_.begin(tracer_, "write", writes.size(), context.trace);
    auto written = co_await store_.write(std::move(writes), {context.deadline, span.context()});
    if (!span.is_recorded()) co_return written;
    if (written) {
        show_failed_item(span, *written);
    } else {
        fail(span, written.error());
    }
    co_return written;
}

Task<SearchPage> TracedProductStore::search(SearchQuery query, CallContext context) {
    auto span = database_.begin(tracer_, "search", 1, context.trace);
    auto page = co_await store_.search(std::move(query), {context.deadline, span.context()});
    if (!span.is_recorded()) co_return page;
    if (page) {
        span.set(span_name::db_response_returned_rows, static_cast<std::int64_t>(page->products.size()));
    } else {
        fail(span, page.error());
    }
    co_return page;
}

}  // namespace productd
