// How large the store's WAL becomes while others read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/await.hpp"
#include "fakes/operators_words.hpp"
#include "fakes/overlapping_readers.hpp"
#include "fakes/temp_folder.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"

namespace productd {
namespace {

constexpr std::int64_t mib = 1 << 20;

ProductWrite change(std::int64_t version) {
    Product product{.id = ProductId({1, 2, 3}), .name = "Lamp", .description = "It shines", .price = 1};
    product.image_url = std::string(200'000, static_cast<char>('a' + version % 26));
    product.created_at = Timestamp(std::chrono::milliseconds(1));
    product.version = {version};
    const auto before = version == 1 ? std::nullopt : std::optional(Version{version - 1});
    return {before, StoredProduct{std::move(product), {}}};
}

class SqliteStoreWalTest : public ::testing::Test {
protected:
    SqliteStoreWalTest() {
        SqliteStoreSettings settings;
        settings.path = path_;
        settings.wal_bytes_max = 16 * mib;
        settings.search_time_max =
            std::chrono::milliseconds(100);  // The writer waits for reads as long as they may take.
        store_ = SqliteProductStore::open(settings).value();
    }
    Result<> write_next() {
        auto written = await(store_->write({change(version_ + 1)}, Deadline::max()));
        if (!written) return fail(std::move(written).error());
        EXPECT_TRUE((*written)[0]);
        ++version_;
        return {};
    }
    std::int64_t wal_bytes() const {
        return static_cast<std::int64_t>(std::filesystem::file_size(folder_ / "store.db-wal"));
    }

    TempFolder folder_;
    std::filesystem::path path_ = folder_ / "store.db";
    std::unique_ptr<SqliteProductStore> store_;
    std::int64_t version_ = 0;
};

TEST_F(SqliteStoreWalTest, StaysWithinItsBoundWhileReadersOverlap) {
    const OverlappingReaders readers(path_);
    std::int64_t most = 0;
    for (int i = 0; i < 250; ++i) {  // 50 MB in all.
        ASSERT_TRUE(write_next());
        most = std::max(most, wal_bytes());
    }
    EXPECT_GT(readers.count(), 10);
    EXPECT_LE(most, 8 * mib);
}

TEST_F(SqliteStoreWalTest, RefusesWritesAtItsBoundUntilTheReaderThatHoldsItIsGone) {
    std::optional<StuckReader> reader(std::in_place, path_);
    Result<> written;
    for (int i = 0; i < 200 && written; ++i) written = write_next();
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::unavailable);
    EXPECT_TRUE(is_for_callers(written.error().detail)) << written.error().detail;
    EXPECT_THAT(written.error().cause, testing::HasSubstr("store.db"));
    EXPECT_THAT(written.error().cause, testing::HasSubstr("Store.WalBytesMax"));
    EXPECT_GT(wal_bytes(), 16 * mib);
    EXPECT_EQ(store_->counts().wal_bytes, wal_bytes());
    EXPECT_EQ(store_->counts().wal_bytes_max, 16 * mib);
    EXPECT_LE(wal_bytes(), 17 * mib);
    EXPECT_FALSE(await(store_->check()));
    EXPECT_TRUE(await(find_one(*store_, ProductId({1, 2, 3}), Deadline::max())));

    reader.reset();
    EXPECT_TRUE(await(store_->check()));
    EXPECT_LE(wal_bytes(), mib);
    EXPECT_TRUE(write_next());
}

}  // namespace
}  // namespace productd
