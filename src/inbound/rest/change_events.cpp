// A page a piece. Calls ProductFeed.
#include "inbound/rest/change_events.hpp"

#include <algorithm>

#include "codec/json/json_writer.hpp"

namespace productd {

namespace {

using namespace std::chrono_literals;

constexpr FeedBounds piece_bounds{.changes_max = 500, .bytes_max = 256 * 1024};
/// The store's time for a page.
constexpr auto read_time = 10s;

void append_event(std::string& out, std::string_view name, const FeedPosition& position) {
    out += "id: ";
    out += position.text;
    out += "\nevent: ";
    out += name;
    out += "\ndata: ";
}

}  // namespace

boost::asio::awaitable<std::optional<std::string>> ChangeEvents::next() {
    if (has_ended_) co_return std::nullopt;
    Result<FeedPage> page;
    if (page_) {
        page = std::move(*page_);
        page_.reset();
    } else if (std::chrono::steady_clock::now() >= end_) {
        page = fail(Errc::cancelled, "The stream is as old as it may become: go on from the last id.");
    } else {
        page = co_await next_page();
    }
    if (!page) {
        has_ended_ = true;
        co_return told(page.error());
    }
    position_ = page->next;
    is_up_to_date_ = page->is_end && !page->is_snapshot;
    co_return told(*page);
}

/// Who has not got all that there is waits for nothing.
Task<FeedPage> ChangeEvents::next_page() {
    const auto now = std::chrono::steady_clock::now();
    const auto wait_until = is_up_to_date_ ? std::min(now + feed_.settings().heartbeat, end_) : now;
    return feed_.changes(position_, piece_bounds, wait_until, wait_until + read_time);
}

std::string ChangeEvents::told(const FeedPage& page) const {
    std::string out;
    for (const auto& change : page.changes) {
        append_event(out, "change", change.position);
        append_change(out, change, product_);
        out += "\n\n";
    }
    if (page.is_snapshot && page.is_end) {
        append_event(out, "snapshot", page.next);
        out += "{}\n\n";
    } else if (page.changes.empty()) {
        out += ": nothing happened\nid: " + page.next.text + "\n\n";
    }
    return out;
}

std::string ChangeEvents::told(const Error& error) const {
    std::string out;
    append_event(out, "end", position_.value_or(FeedPosition{}));
    {
        json::ObjectWriter object(out);
        object.text("code", name(error.code));
        object.text("detail", error.detail);
    }
    out += "\n\n";
    return out;
}

}  // namespace productd
