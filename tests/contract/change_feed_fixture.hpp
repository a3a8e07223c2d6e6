// Changes to follow, and short questions, for the suite of ChangeFeed.
#pragma once

#include <random>

#include "contract/change_mirror.hpp"
#include "contract/product_store_fixture.hpp"

namespace productd::contract {

template <class Harness>
class ChangeFeedFixture : public ProductStoreFixture<Harness> {
protected:
    ChangeFeed& feed() { return this->harness_.feed(); }

    static Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(20); }
    Result<FeedPage> ask(std::optional<FeedPosition> after, FeedBounds most = {}, Deadline wait_until = {}) {
        return await(feed().changes(std::move(after), most, wait_until, soon()));
    }
    FeedPage page(std::optional<FeedPosition> after, FeedBounds most = {}, Deadline wait_until = {}) {
        return this->value_of(ask(std::move(after), most, wait_until));
    }
    /// Up to where nothing follows.
    void follow(Mirror& mirror, FeedBounds most = {}) {
        for (;;) {
            const auto next = page(mirror.position(), most);
            mirror.take(next);
            if ((next.is_end && !next.is_snapshot) || ::testing::Test::HasFailure()) return;
        }
    }
    /// The end of an empty store's feed.
    FeedPosition beginning() {
        const auto first = page(std::nullopt);
        EXPECT_TRUE(first.is_snapshot && first.is_end && first.changes.empty());
        return first.next;
    }
    /// All that follows `after`.
    std::vector<ProductChange> all(FeedPosition after) {
        std::vector<ProductChange> changes;
        for (;;) {
            auto next = page(after);
            std::ranges::move(next.changes, std::back_inserter(changes));
            if (next.is_end || ::testing::Test::HasFailure()) return changes;
            after = next.next;
        }
    }
    /// The page that came once there was one.
    FeedPage next_change(FeedPosition after) {
        for (;;) {
            auto next = page(after, {}, soon());
            if (!next.changes.empty() || ::testing::Test::HasFailure()) return next;
            after = next.next;
        }
    }

    void update(int number, std::int64_t to, std::string name = "Lamp") {
        EXPECT_EQ(
            this->write_one({Version{to - 1}, StoredProduct{at_version(product(number, std::move(name)), to), {}}}),
            std::nullopt);
    }
    void bury(int number, std::int64_t to) {
        EXPECT_EQ(this->write_one({Version{to - 1}, Tombstone{store_id(number), {to}, time_of(to), {}}}), std::nullopt);
    }
    std::map<ProductId, Product> stored(int numbers) {
        std::map<ProductId, Product> products;
        for (int number = 0; number < numbers; ++number) {
            if (auto product = this->found(number)) products.insert_or_assign(product->id, *product);
        }
        return products;
    }

    /// What one product becomes: made, changed, deleted and made again, some hundred times in all.
    void torment(int first, int count, unsigned seed) {
        std::mt19937 random(seed);
        std::vector<std::int64_t> versions(static_cast<std::size_t>(count));
        std::vector<bool> lives(versions.size());
        for (int i = 0; i < 40 * count; ++i) {
            const auto at = random() % versions.size();
            const auto number = first + static_cast<int>(at);
            const auto next = versions[at] + 1;
            const auto expected = versions[at] > 0 ? std::optional(Version{versions[at]}) : std::nullopt;
            lives[at] = !lives[at] || random() % 4 != 0;
            Stored state = Tombstone{store_id(number), {next}, time_of(next), {}};
            if (lives[at]) state = StoredProduct{at_version(product(number, "Lamp " + std::to_string(next)), next), {}};
            EXPECT_EQ(this->write_one({expected, std::move(state)}), std::nullopt);
            versions[at] = next;
        }
    }
};

}  // namespace productd::contract
