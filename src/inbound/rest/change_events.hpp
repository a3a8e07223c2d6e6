// The feed of changes as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
#pragma once

#include "app/feed/product_feed.hpp"
#include "inbound/http/message/http_body_source.hpp"
#include "inbound/rest/change_json.hpp"

namespace productd {

/// An event a change, with its position as the event's id:
///   `change`    the object Change. Of a snapshot, too.
///   `snapshot`  the snapshot is whole: what it did not name is not there.
///   `end`       nothing follows on this connection; its data says why.
/// A comment with an id says that nothing happened, and where the feed stands.
class ChangeEvents : public HttpBodySource {
public:
    /// Tells `first` and what follows it, in order until `end`. `feed` outlives it.
    ChangeEvents(ProductFeed& feed, ProductFeed::Watcher place, FeedPage first, ProductMember product, Deadline end)
        : feed_(feed), place_(std::move(place)), page_(std::move(first)), product_(product), end_(end) {}

    boost::asio::awaitable<std::optional<std::string>> next() override;

private:
    Task<FeedPage> next_page();
    std::string told(const FeedPage& page) const;
    std::string told(const Error& error) const;

    ProductFeed& feed_;
    ProductFeed::Watcher place_;
    std::optional<FeedPage> page_;  ///< To be told.
    ProductMember product_;
    Deadline end_;
    std::optional<FeedPosition> position_;
    bool is_up_to_date_ = false;  ///< There was nothing behind what was told last.
    bool has_ended_ = false;
};

}  // namespace productd
