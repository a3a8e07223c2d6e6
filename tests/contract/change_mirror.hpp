// A client of the feed of changes.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>

#include "app/ports/change_feed.hpp"

namespace productd::contract {

/// Who follows a feed, and nothing else: what it has must be what the store has.
class Mirror {
public:
    void take(const FeedPage& page) {
        for (const auto& change : page.changes) take(change, page.is_snapshot);
        if (page.is_snapshot && page.is_end) {
            std::erase_if(products_, [&](const auto& entry) { return !named_.contains(entry.first); });
            named_.clear();
        }
        position_ = page.next;
    }

    const std::optional<FeedPosition>& position() const { return position_; }
    const std::map<ProductId, Product>& products() const { return products_; }

private:
    void take(const ProductChange& change, bool is_snapshot) {
        const auto* product = std::get_if<StoredProduct>(&change.latest);
        if (is_snapshot) {
            ASSERT_TRUE(product) << "a snapshot names products alone";
            named_.insert(change.id);
        } else {
            ASSERT_FALSE(position_ && change.position.family() == position_->family() && change.position < *position_)
                << "positions grow";
            if (const auto now = version(change.latest)) {
                ASSERT_GE(now->value, versions_[change.id].value) << "nothing goes back";
                versions_[change.id] = *now;
            } else {
                versions_.erase(change.id);
            }
        }
        if (product) {
            EXPECT_EQ(product->product.id, change.id);
            products_.insert_or_assign(change.id, product->product);
        } else {
            products_.erase(change.id);
        }
    }

    std::optional<FeedPosition> position_;
    std::map<ProductId, Product> products_;
    std::map<ProductId, Version> versions_;
    std::set<ProductId> named_;
};

}  // namespace productd::contract
