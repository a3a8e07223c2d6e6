// Calls nobody.
#include "app/feed/feed_tail.hpp"

#include <algorithm>

#include "app/ports/stored_size.hpp"

namespace productd {

namespace {

std::size_t bytes_of(const ProductChange& change) {
    return sizeof(ProductChange) + change.position.text.size() + stored_bytes(change.latest);
}

}  // namespace

void FeedTail::begin(FeedPosition position) {
    clear();
    begin_ = position;
    end_ = std::move(position);
}

void FeedTail::append(FeedPage page) {
    for (auto& change : page.changes) {
        const auto bytes = bytes_of(change);
        entries_.push_back({std::make_shared<const ProductChange>(std::move(change)), bytes});
        bytes_ += bytes;
    }
    while (bytes_ > bytes_max_ && entries_.size() > 1) {
        bytes_ -= entries_.front().bytes;
        begin_ = entries_.front().change->position;
        entries_.pop_front();
    }
    end_ = std::move(page.next);
}

void FeedTail::clear() {
    entries_.clear();
    bytes_ = 0;
    begin_.reset();
    end_.reset();
}

bool FeedTail::covers(const FeedPosition& since) const {
    return begin_ && begin_->family() == since.family() && *begin_ <= since;
}

FeedTail::Slice FeedTail::after(const FeedPosition& since, FeedBounds most) const {
    Slice slice;
    std::size_t bytes = 0;
    auto entry = std::ranges::upper_bound(entries_, since, {},
                                          [](const Entry& one) -> const FeedPosition& { return one.change->position; });
    for (; entry != entries_.end() && slice.changes.size() < most.changes_max; ++entry) {
        bytes += entry->bytes;
        if (bytes > most.bytes_max && !slice.changes.empty()) break;
        slice.changes.push_back(entry->change);
    }
    slice.is_end = entry == entries_.end();
    // Who has read further than this, from the store itself, does not go back.
    slice.next = slice.is_end ? std::max(*end_, since) : slice.changes.back()->position;
    return slice;
}

FeedPage FeedTail::Slice::page() const {
    FeedPage page{.next = next, .is_end = is_end};
    page.changes.reserve(changes.size());
    for (const auto& change : changes) page.changes.push_back(*change);
    return page;
}

}  // namespace productd
