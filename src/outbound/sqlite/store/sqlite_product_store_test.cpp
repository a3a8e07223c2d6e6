// The store under trouble: no room, wrong files, too much at once. The port's rules stand in the contract suite.
#include "outbound/sqlite/store/sqlite_product_store.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "fakes/await.hpp"
#include "fakes/other_user.hpp"
#include "fakes/sample_product.hpp"
#include "fakes/temp_folder.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

namespace productd {
namespace {

ProductId numbered_id(int number) { return test::id_of(static_cast<std::uint32_t>(number)); }

ProductWrite create(int number, std::size_t image_bytes = 10) {
    Product product{.id = numbered_id(number), .name = "Lamp", .description = "It shines", .price = 1};
    product.image_url = std::string(image_bytes, 'x');
    product.created_at = Timestamp(std::chrono::milliseconds(number));
    product.version = {1};
    return {std::nullopt, StoredProduct{std::move(product), {}}};
}

/// Holds the size of every file this process writes below a limit, as a full disk would.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int);
};

class SqliteProductStoreTest : public ::testing::Test {
protected:
    void open(SqliteStoreSettings settings = {}) {
        store_.reset();
        settings.path = path_;
        auto store = SqliteProductStore::open(std::move(settings));
        ASSERT_TRUE(store) << store.error().cause;
        store_ = std::move(*store);
    }
    Result<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes) {
        return await(store_->write(std::move(writes), Deadline::max()));
    }
    bool is_stored(int number) {
        return std::holds_alternative<StoredProduct>(
            await(find_one(*store_, numbered_id(number), Deadline::max())).value());
    }

    TempFolder folder_;
    std::filesystem::path path_ = folder_ / "store.db";
    std::unique_ptr<SqliteProductStore> store_;
};

TEST_F(SqliteProductStoreTest, SaysThatThereIsNoRoomKeepsReadingAndRecoversByItself) {
    open();
    std::vector<int> stored, refused;
    {
        const FileSizeLimit limit(600 << 10);
        for (int i = 0; i < 100; ++i) {
            const auto written = write({create(i, 20'000)});
            (written && (*written)[0] ? stored : refused).push_back(i);
            if (written) continue;
            EXPECT_EQ(written.error().code, Errc::unavailable);
            EXPECT_NE(written.error().detail.find("full"), std::string::npos) << written.error().detail;
            const auto health = await(store_->check());
            ASSERT_FALSE(health);
            EXPECT_EQ(health.error().code, Errc::unavailable);
        }
        ASSERT_FALSE(stored.empty());
        ASSERT_FALSE(refused.empty());
        for (const int number : stored) EXPECT_TRUE(is_stored(number));
        for (const int number : refused) EXPECT_FALSE(is_stored(number));
        EXPECT_EQ(await(store_->search({"lamp"}, Deadline::max()))->total_count, std::ssize(stored));
    }
    EXPECT_TRUE(await(store_->check()));
    EXPECT_TRUE(write({create(refused[0])}).value()[0]);
    open();
    for (const int number : stored) EXPECT_TRUE(is_stored(number));
    EXPECT_EQ(await(store_->search({"lamp"}, Deadline::max()))->total_count, std::ssize(stored) + 1);
}

TEST_F(SqliteProductStoreTest, RefusesForeignAndDamagedFilesAndLeavesThemAsTheyWere) {
    const std::string foreign = [&] {
        TempFolder other;
        static_cast<void>(SqliteDatabase::open({.path = other / "x.db", .application_id = 77, .migrations = {}}));
        std::ifstream in(other / "x.db", std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    for (const auto& [content, code] :
         {std::pair(foreign, Errc::failed_precondition), std::pair(std::string(10'000, 'g'), Errc::data_loss)}) {
        std::ofstream(path_, std::ios::binary) << content;
        const auto store = SqliteProductStore::open({.path = path_});
        ASSERT_FALSE(store);
        EXPECT_EQ(store.error().code, code);
        std::ifstream in(path_, std::ios::binary);
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), content);
    }
}

TEST_F(SqliteProductStoreTest, SaysThatAFileThatCannotBeWrittenCannot) {
    open();
    store_.reset();
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0555));
    std::filesystem::permissions(path_, std::filesystem::perms(0444));
    EXPECT_TRUE(holds_for_an_ordinary_user([&] {
        const auto store = SqliteProductStore::open({.path = path_});
        return !store && store.error().code == Errc::failed_precondition;
    }));
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
}

TEST_F(SqliteProductStoreTest, WritesCallsThatWaitTogetherInOneTransaction) {
    open();
    asio::io_context context;
    int stored = 0;
    for (int i = 0; i < 300; ++i) {
        asio::co_spawn(context, store_->write({create(i)}, Deadline::max()),
                       [&](std::exception_ptr, auto outcomes) { stored += outcomes && (*outcomes)[0]; });
    }
    context.run();
    EXPECT_EQ(stored, 300);
    EXPECT_EQ(store_->counts().products, 300u);
    EXPECT_LT(store_->counts().transactions, 150u);
    EXPECT_EQ(store_->counts().queued, 0u);
}

TEST_F(SqliteProductStoreTest, RefusesWritesBeyondTheBoundOfItsQueueAndMakesThoseThatWait) {
    open({.write_queue_max = 10});
    auto other = SqliteDatabase::open(store_file(path_, 1 << 20)).value();
    // While another holds the lock of the file, the writer waits with the first call in its hands, and the rest queues.
    auto lock = std::make_optional(SqliteTransaction::begin(other).value());
    asio::io_context context;
    int stored = 0, refused = 0;
    for (int call = 0; call < 5; ++call) {
        std::vector<ProductWrite> writes;
        for (int i = 0; i < 6; ++i) writes.push_back(create(call * 10 + i));
        asio::co_spawn(context, store_->write(std::move(writes), Deadline::max()),
                       [&](std::exception_ptr, auto outcomes) {
                           if (outcomes) return void(++stored);
                           EXPECT_EQ(outcomes.error().code, Errc::resource_exhausted);
                           // The answer comes while the others still wait.
                           if (++refused == 1) lock.reset();
                       });
    }
    context.run();
    EXPECT_GE(stored, 1);
    EXPECT_GE(refused, 3);
    EXPECT_EQ(stored + refused, 5);
}

TEST_F(SqliteProductStoreTest, GivesASearchUpThatTakesTooLong) {
    open({.search_time_max = std::chrono::milliseconds(0)});
    std::vector<ProductWrite> writes;
    for (int i = 0; i < 5'000; ++i) writes.push_back(create(i));
    ASSERT_TRUE(write(std::move(writes)));
    for (const char* text : {"l", "lam", "it shines", ""}) {
        const auto found = await(store_->search({.text = text, .page = 400, .size = 10}, Deadline::max()));
        ASSERT_FALSE(found) << text;
        EXPECT_EQ(found.error().code, Errc::deadline_exceeded);
    }
    // And is in order afterwards.
    EXPECT_TRUE(await(store_->find({numbered_id(1)}, Deadline::max())));
    EXPECT_TRUE(await(store_->check()));
}

TEST_F(SqliteProductStoreTest, SearchesAndFindsWhileProductsAreWritten) {
    open();
    std::atomic<int> written{0};
    std::jthread writer([&] {
        for (int i = 0; i < 300; ++i) {
            ASSERT_TRUE(write({create(i)}).value()[0]);
            written = i + 1;
        }
    });
    while (written < 300) {
        const auto floor = written.load();
        const auto found = await(store_->search({.text = "shine", .size = 100}, Deadline::max()));
        ASSERT_TRUE(found) << found.error().cause;
        ASSERT_GE(found->total_count, floor);
        ASSERT_TRUE(std::ranges::is_sorted(found->products, std::ranges::greater{}, &Product::created_at));
        ASSERT_TRUE(floor == 0 || is_stored(floor - 1));
    }
}

}  // namespace
}  // namespace productd
