// What the writer does beside compare-and-set, which stands in the contract suite.
#include "outbound/sqlite/store/sqlite_store_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "fakes/sample_product.hpp"
#include "fakes/temp_folder.hpp"
#include "outbound/sqlite/store/sqlite_store_reader.hpp"
#include "outbound/sqlite/store/sqlite_store_row.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

namespace productd {
namespace {

ProductId lamp_id(int number) { return test::id_of(static_cast<std::uint32_t>(number)); }

ProductWrite create(int number, Timestamp created_at, std::string name = "Lamp") {
    Product product{.id = lamp_id(number), .name = std::move(name), .description = "It shines", .price = 1};
    product.created_at = created_at;
    product.version = {1};
    return {std::nullopt, StoredProduct{std::move(product), {}}};
}

ProductWrite remove(int number) { return {Version{1}, Tombstone{lamp_id(number), Version{2}, test::at(5), {}}}; }

class SqliteStoreFileTest : public ::testing::Test {
protected:
    void open() {
        file_.emplace(SqliteStoreFile::open(path_, in_use_).value());
        reader_.emplace(SqliteStoreReader::open(path_, in_use_).value());
    }
    void close() {
        reader_.reset();
        file_->checkpoint();
        file_.reset();
    }

    std::vector<WriteOutcome> write(const std::vector<ProductWrite>& writes, Timestamp now = test::at(0)) {
        std::vector<const ProductWrite*> pointers;
        for (const auto& write : writes) pointers.push_back(&write);
        return file_->write(pointers, now).value();
    }
    bool is_stored(int number) {
        return !std::holds_alternative<Nothing>(reader_->find({lamp_id(number)}).value()[0].value());
    }
    std::int64_t found(const std::string& text) {
        return reader_->search({text, 1, 100, 10'000}, std::chrono::seconds(60)).value().total_count;
    }

    TempFolder folder_;
    SqliteFile path_ = store_file(folder_ / "store.db", 1 << 20);
    StreamsInUse in_use_;
    std::optional<SqliteStoreFile> file_;
    std::optional<SqliteStoreReader> reader_;
};

TEST_F(SqliteStoreFileTest, RemovesTombstonesByTheTimeTheyWereWrittenAndNothingElse) {
    open();
    write({create(1, test::at(10)), create(2, test::at(20)), create(3, test::at(30))});
    write({remove(1)}, test::at(1'000));
    write({remove(2)}, test::at(2'000));
    EXPECT_FALSE(file_->purge(test::at(999)).value());
    EXPECT_TRUE(is_stored(1));
    EXPECT_FALSE(file_->purge(test::at(1'000)).value());
    EXPECT_FALSE(is_stored(1));
    EXPECT_TRUE(is_stored(2));
    EXPECT_FALSE(file_->purge(test::at(1'000'000)).value());
    EXPECT_FALSE(is_stored(2));
    EXPECT_TRUE(is_stored(3));
    EXPECT_EQ(found("lamp"), 1);
}

TEST_F(SqliteStoreFileTest, CountsTheLifeOfATombstoneThatIsWrittenAgainFromThen) {
    open();
    write({create(1, test::at(10))});
    write({remove(1)}, test::at(1'000));
    write({{Version{2}, Tombstone{lamp_id(1), Version{3}, test::at(5), {}}}}, test::at(3'000));
    file_->purge(test::at(2'999)).value();
    EXPECT_TRUE(is_stored(1));
    file_->purge(test::at(3'000)).value();
    EXPECT_FALSE(is_stored(1));
}

TEST_F(SqliteStoreFileTest, RemovesManyTombstonesInSmallSteps) {
    open();
    std::vector<ProductWrite> creates, removes;
    for (int i = 0; i < 1'000; ++i) {
        creates.push_back(create(i, test::at(i)));
        removes.push_back(remove(i));
    }
    write(creates);
    write(removes, test::at(1'000));
    int steps = 1;
    while (file_->purge(test::at(1'000)).value()) ++steps;
    EXPECT_GT(steps, 2);
    EXPECT_FALSE(is_stored(0));
    EXPECT_FALSE(is_stored(999));
}

TEST_F(SqliteStoreFileTest, RefusesOnlyTheProductWhoseTimeOfCreationHasNoPlace) {
    open();
    const auto outcomes = write({create(1, test::at(-1)), create(2, test::at(10)), create(3, test::at(INT64_MAX))});
    EXPECT_EQ(outcomes[0].error().code, Errc::out_of_range);
    EXPECT_TRUE(outcomes[1]);
    EXPECT_EQ(outcomes[2].error().code, Errc::out_of_range);
    EXPECT_EQ(found("lamp"), 1);
}

TEST_F(SqliteStoreFileTest, JoinsTheSegmentsOfManySmallWrites) {
    open();
    for (int i = 0; i < 100; ++i) write({create(i, test::at(i), "Lamp " + std::to_string(i))});
    const auto segments = [&] {
        auto database = SqliteDatabase::open_reader(path_).value();
        return database.number("SELECT count(DISTINCT segid) FROM search_runs_idx").value();
    };
    const auto before = segments();
    int steps = 0;
    while (file_->merge().value()) ASSERT_LT(++steps, 1'000);
    EXPECT_LT(segments(), before);
    EXPECT_EQ(found("lamp"), 100);
    EXPECT_EQ(found("lamp 42"), 1);
}

TEST_F(SqliteStoreFileTest, GoesOnWhereItWasWhenItIsOpenedAgain) {
    open();
    write({create(1, test::at(10)), create(2, test::at(20)), create(3, test::at(5))});
    write({create(4, test::at(1)), remove(2)});
    close();
    open();
    write({create(5, test::at(30)), create(6, test::at(2))});
    std::vector<ProductId> ids;
    for (const auto& product : reader_->search({"lamp", 1, 10, 10}, std::chrono::seconds(60)).value().products) {
        ids.push_back(product.id);
    }
    EXPECT_EQ(ids, (std::vector{lamp_id(5), lamp_id(1), lamp_id(3), lamp_id(6), lamp_id(4)}));
    EXPECT_TRUE(is_stored(2));
}

TEST_F(SqliteStoreFileTest, LosesOnlyTheWritesThatMeetADamagedPage) {
    open();
    std::vector<ProductWrite> writes;
    for (int i = 0; i < 2'000; ++i) writes.push_back(create(i, test::at(i), "Lamp number " + std::to_string(i) + "!"));
    write(writes);
    close();
    std::stringstream bytes;
    bytes << std::ifstream(path_.path, std::ios::binary).rdbuf();
    auto content = bytes.str();
    // The row, not the index: that holds no text of this length.
    const auto row = content.find("Lamp number 1000!");
    ASSERT_NE(row, std::string::npos);
    content.replace(row / 4096 * 4096, 8, 8, '\xEE');
    std::ofstream(path_.path, std::ios::binary) << content;

    open();
    auto changed = std::get<StoredProduct>(create(0, test::at(0)).next);
    changed.product.version = {2};
    const auto change = [&](int number) {
        changed.product.id = lamp_id(number);
        changed.product.created_at = test::at(number);
        return ProductWrite{Version{1}, changed};
    };
    const auto outcomes = write({change(1), change(1'000), change(1'999)});
    EXPECT_TRUE(outcomes[0]) << outcomes[0].error().cause;
    ASSERT_FALSE(outcomes[1]);
    EXPECT_EQ(outcomes[1].error().code, Errc::internal) << "of the file, not of the product";
    EXPECT_TRUE(outcomes[2]);
    const auto found = reader_->find({lamp_id(1), lamp_id(1'000), lamp_id(1'999)}).value();
    EXPECT_TRUE(found[0]);
    ASSERT_FALSE(found[1]);
    EXPECT_EQ(found[1].error().code, Errc::internal) << "of the file, not of the product";
    EXPECT_TRUE(found[2]);
}

TEST_F(SqliteStoreFileTest, ARowThatSaysNothingFailsAloneWhereItIsRead) {
    open();
    write({create(1, test::at(1)), create(2, test::at(2)), create(3, test::at(3)), create(4, test::at(4))});
    {
        auto other = SqliteDatabase::open(path_).value();
        ASSERT_TRUE(other.execute("UPDATE products SET photos = x'FF' WHERE created_at = " +
                                  std::to_string(milliseconds_of(test::at(2)))));
        ASSERT_TRUE(other.execute("UPDATE products SET history = x'7F' WHERE created_at = " +
                                  std::to_string(milliseconds_of(test::at(3)))));
    }
    const auto found = reader_->find({lamp_id(1), lamp_id(2), lamp_id(3), lamp_id(4)}).value();
    EXPECT_TRUE(found[0]);
    ASSERT_FALSE(found[1]);
    EXPECT_EQ(found[1].error().code, Errc::data_loss);
    ASSERT_FALSE(found[2]);
    EXPECT_EQ(found[2].error().code, Errc::unavailable) << "a later release wrote it";
    EXPECT_TRUE(found[3]);
}

}  // namespace
}  // namespace productd
