// The latest changes of the feed, for all who are at its end. Not thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "app/ports/change_feed.hpp"

namespace productd {

class FeedTail {
public:
    explicit FeedTail(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// Begins anew, empty, at `position`.
    void begin(FeedPosition position);
    /// What the feed told behind end(). Above the bound the oldest go, and the newest one stays.
    void append(FeedPage page);
    void clear();

    bool is_empty() const { return !end_; }
    /// Of what was appended last.
    const std::optional<FeedPosition>& end() const { return end_; }
    /// Whether all that follows `since`, up to end(), is here.
    bool covers(const FeedPosition& since) const;

    /// Changes, shared so that a page is copied without holding up others.
    struct Slice {
        std::vector<std::shared_ptr<const ProductChange>> changes;
        FeedPosition next;
        bool is_end = false;

        FeedPage page() const;
    };
    /// What follows a position that is covered.
    Slice after(const FeedPosition& since, FeedBounds most) const;

private:
    struct Entry {
        std::shared_ptr<const ProductChange> change;
        std::size_t bytes;
    };

    const std::size_t bytes_max_;
    std::deque<Entry> entries_;
    std::size_t bytes_ = 0;
    std::optional<FeedPosition> begin_, end_;
};

}  // namespace productd
