// Lanes over an intake with much room, and what a call does with them.
#pragma once

#include <gtest/gtest.h>

#include "app/worker/core/product_lanes.hpp"
#include "fakes/sample_product.hpp"

namespace productd::test {

class ProductLanesFixture : public testing::Test {
protected:
    std::shared_ptr<OwnedPartition> partition(ChangeKind kind) {
        return std::make_shared<OwnedPartition>(
            OwnedPartition{.kind = kind, .tracker = OffsetTracker(std::nullopt, {})});
    }
    Item add(std::uint32_t number, ChangeKind kind = ChangeKind::update, std::shared_ptr<OwnedPartition> of = {}) {
        auto item = std::make_shared<WorkItem>();
        item->kind = kind;
        item->bytes = 1;
        item->event.change.id = id_of(number);
        item->partition = of ? of : partitions[static_cast<std::size_t>(kind)];
        intake.add(item);
        lanes.add(item);
        return item;
    }
    std::vector<Item> add_many(std::size_t count, std::uint32_t number, ChangeKind kind = ChangeKind::update) {
        std::vector<Item> items;
        while (items.size() < count) items.push_back(add(number, kind));
        return items;
    }
    std::vector<Item> take(Trust trust = Trust::trusted, std::size_t max = 1'000, std::size_t lanes_max = 1'000) {
        return lanes.take(trust, max, lanes_max, now);
    }
    Lane& lane(std::uint32_t number) { return lanes.at(id_of(number)); }
    void end(const Item& item) { intake.remove(item); }
    /// All of a product that a call had is ended.
    void end_all(const std::vector<Item>& items) {
        for (const auto& item : items) end(item);
        for (const auto& item : items) {
            auto* found = lanes.find(item->event.change.id);
            if (found != nullptr && found->is_busy) lanes.release(*found);
        }
    }

    const WorkItem::Time now{std::chrono::hours{1}};
    Intake intake{{100'000, 100'000'000}};
    ProductLanes lanes{intake, 10};
    std::array<std::shared_ptr<OwnedPartition>, 3> partitions{
        partition(ChangeKind::create), partition(ChangeKind::update), partition(ChangeKind::remove)};
};

}  // namespace productd::test
