// Reads a page, tells it, waits for the next. Calls ProductFeed.
#include "inbound/grpc/product_watch.hpp"

namespace productd {

namespace {

using namespace std::chrono_literals;

constexpr FeedBounds page_bounds{.changes_max = 500, .bytes_max = 256 * 1024};
/// The store's time for a page.
constexpr auto read_time = 10s;

}  // namespace

Result<std::unique_ptr<GrpcStream>> ProductWatch::open(ProductFeed& feed, const grpc::ByteBuffer& request) {
    proto::WatchReq message;
    if (auto parsed = parse(request, message); !parsed) return fail(std::move(parsed).error());
    auto place = feed.watch();
    if (!place) return fail(std::move(place).error());
    return std::make_unique<ProductWatch>(feed, std::move(*place), read(message));
}

Task<> ProductWatch::run(GrpcSink& sink, SpanContext trace) {
    const auto end = std::chrono::steady_clock::now() + feed_.settings().stream_age;
    for (;;) {
        auto page = co_await next_page(end, trace);
        if (!page) co_return fail(watch_error(std::move(page).error()));
        const bool is_all = page->is_end && !page->is_snapshot;
        const bool is_news = is_all && (!is_up_to_date_ || page->changes.empty());
        is_up_to_date_ = is_all;
        question_.since = page->next;
        auto messages = messages_of(*page, question_.bodies, is_news ? WatchMark::up_to_date : WatchMark::none);
        page = FeedPage();  // Only what is written is kept.
        const auto written = co_await sink.write(std::move(messages));
        if (!written) co_return fail(written.error());
        if (is_all && question_.ends == WatchEnds::up_to_date) co_return Result<>();
        if (std::chrono::steady_clock::now() >= end) co_return Result<>();
    }
}

/// Who has not got all that there is waits for nothing.
Task<FeedPage> ProductWatch::next_page(Deadline end, SpanContext trace) {
    const auto now = std::chrono::steady_clock::now();
    const auto wait_until = is_up_to_date_ ? std::min(now + feed_.settings().heartbeat, end) : now;
    co_return co_await feed_.changes(question_.since, page_bounds, wait_until, {wait_until + read_time, trace});
}

}  // namespace productd
