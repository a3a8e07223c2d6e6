// The index against a naive search, over thousands of random changes. What a search means stands in the contract suite.
#include "outbound/sqlite/store/sqlite_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "codec/text_fold.hpp"
#include "fakes/temp_folder.hpp"
#include "outbound/sqlite/store/sqlite_search_grams.hpp"
#include "outbound/sqlite/store/sqlite_store_file.hpp"
#include "outbound/sqlite/store/sqlite_store_reader.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

namespace productd {
namespace {

using namespace std::string_literals;

using Parts = std::vector<std::string_view>;

TEST(SearchGrams, AreEveryRunOfThreeCharactersInOrder) {
    EXPECT_EQ(runs("abcab"), (Parts{"abc", "bca", "cab"}));
    EXPECT_EQ(runs("日é🎧x"), (Parts{"日é🎧", "é🎧x"}));
    EXPECT_EQ(runs("ab"), Parts{});
    EXPECT_EQ(characters("日é🎧x"), 4u);
}

TEST(SearchGrams, AreWhereWordsMeet) {
    EXPECT_EQ(meetings("red oak desk"), (Parts{"red oak", "oak des"}));
    EXPECT_EQ(meetings("n a desk"), (Parts{"n a des"}));
    EXPECT_EQ(meetings("an oak"), Parts{});
}

/// Products in memory, and a search that looks at each of them.
class Model {
public:
    explicit Model(unsigned seed) : random_(seed) {}

    std::size_t number(std::size_t below) { return random_() % below; }

    std::string text(std::size_t min, std::size_t max) {
        static const std::vector<std::string> characters{"a", "A", "b",  "B",      "c",  "N",  "É",   "é",
                                                         "ß", "s", "S",  "İ",      "i",  " ",  "%",   "_",
                                                         "*", "'", "\"", "\u0301", "日", "🎧", "\0"s, "."};
        std::string text;
        for (auto left = min + number(max - min + 1); left > 0; --left) text += characters[number(characters.size())];
        return text;
    }

    /// A change of one product that its stored version allows.
    ProductWrite change(int number_of_product) {
        auto& stored = stored_[number_of_product];
        const auto expected = version(stored);
        const Version next{expected ? expected->value + 1 : 1};
        const auto* product = std::get_if<StoredProduct>(&stored);
        const auto kind = number(10);
        if (product && kind < 2) {
            texts_.erase(number_of_product);
            stored = Tombstone{id(number_of_product), next, Timestamp{}, {}};
        } else if (product && kind < 4) {
            auto cheaper = product->product;
            cheaper.version = next;
            cheaper.price += 1;
            stored = StoredProduct{cheaper, {}};
        } else {
            Product made{.id = id(number_of_product), .name = text(3, 9), .description = text(3, 20), .price = 1};
            made.version = next;
            made.created_at = product ? product->product.created_at : time();
            texts_[number_of_product] = {folded(made.name), folded(made.description)};
            stored = StoredProduct{made, {}};
        }
        return {expected, stored};
    }

    std::vector<ProductId> search(const std::string& text) const {
        const auto term = folded(text);
        std::vector<Product> found;
        for (const auto& [number, texts] : texts_) {
            if (texts.first.find(term) != std::string::npos || texts.second.find(term) != std::string::npos) {
                found.push_back(std::get<StoredProduct>(stored_.at(number)).product);
            }
        }
        std::ranges::sort(found, [](const Product& a, const Product& b) {
            return a.created_at != b.created_at ? a.created_at > b.created_at : a.id < b.id;
        });
        std::vector<ProductId> ids;
        for (const auto& product : found) ids.push_back(product.id);
        return ids;
    }

    /// How many products hold each gram: all that the indexes should know.
    std::map<std::string, std::int64_t> grams() const {
        std::map<std::string, std::int64_t> counts{{std::string(1, folded_break), std::ssize(texts_)}};
        for (const auto& [number, texts] : texts_) {
            std::set<std::string> own;
            for (const auto& field : {texts.first, texts.second}) {
                std::vector<std::size_t> begins;
                for (std::size_t i = 0; i < field.size(); ++i) {
                    if ((field[i] & 0xC0) != 0x80) begins.push_back(i);
                }
                begins.push_back(field.size());
                const auto part = [&](std::size_t i, std::size_t length) {
                    if (i + length < begins.size()) own.insert(field.substr(begins[i], begins[i + length] - begins[i]));
                };
                for (std::size_t i = 0; i + 1 < begins.size(); ++i) {
                    for (const std::size_t length : {1u, 2u, 3u}) part(i, length);
                    if (i + 3 < begins.size() && field[begins[i + 3]] == ' ') part(i, 7);
                }
            }
            for (const auto& gram : own) ++counts[gram];
        }
        return counts;
    }

private:
    static ProductId id(int number) {
        return ProductId(
            {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)});
    }
    /// Often equal, and in no order: more than the lanes can take.
    Timestamp time() { return Timestamp(std::chrono::milliseconds(1'700'000'000'000 + number(300))); }

    std::mt19937 random_;
    std::map<int, Stored> stored_;
    std::map<int, std::pair<std::string, std::string>> texts_;  // Folded name and description of the products.
};

class SqliteSearchTest : public ::testing::TestWithParam<unsigned> {
protected:
    static void check_searches(SqliteStoreReader& reader, Model& model, int searches) {
        for (int i = 0; i < searches; ++i) {
            const auto text = model.text(1, i % 3 == 0 ? 12 : 5);
            const auto expected = model.search(text);
            std::vector<ProductId> found;
            for (std::int64_t page = 1;; ++page) {
                const auto part = reader.search({text, page, 10, 10'000}, std::chrono::seconds(60));
                ASSERT_TRUE(part) << part.error().cause;
                ASSERT_EQ(part->total_count, std::ssize(expected)) << text;
                for (const auto& product : part->products) found.push_back(product.id);
                if (std::ssize(part->products) < 10) break;
            }
            ASSERT_EQ(found, expected) << text;
        }
    }

    /// Through a connection of its own, so with nothing of the store's in between.
    static std::map<std::string, std::int64_t> grams_in(const SqliteFile& file) {
        auto database = SqliteDatabase::open(file);
        EXPECT_EQ(database->number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
        std::map<std::string, std::int64_t> counts;
        for (const std::string table : {"search_shorts", "search_runs"}) {
            EXPECT_TRUE(database->execute("INSERT INTO " + table + "(" + table + ") VALUES ('integrity-check')"));
            EXPECT_TRUE(database->execute("CREATE VIRTUAL TABLE temp.of_" + table + " USING fts5vocab(main, '" + table +
                                          "', 'row')"));
            auto rows = database->prepare("SELECT term, doc FROM temp.of_" + table);
            while (rows->step().value()) counts[std::string(rows->bytes(0))] = rows->integer(1);
        }
        return counts;
    }

    TempFolder folder_;
    SqliteFile path_ = store_file(folder_ / "store.db", 1 << 20);
};

TEST_P(SqliteSearchTest, FindsWhatANaiveSearchFindsAfterThousandsOfRandomChanges) {
    constexpr int products = 400;
    Model model(GetParam());
    StreamsInUse in_use;
    {
        auto file = SqliteStoreFile::open(path_, in_use);
        ASSERT_TRUE(file) << file.error().cause;
        auto reader = SqliteStoreReader::open(path_, in_use);
        ASSERT_TRUE(reader) << reader.error().cause;
        for (int round = 0; round < 40; ++round) {
            std::map<int, ProductWrite> changes;
            while (changes.size() < 50) {
                const auto number = static_cast<int>(model.number(products));
                if (!changes.contains(number)) changes.emplace(number, model.change(number));
            }
            std::vector<const ProductWrite*> writes;
            for (const auto& [number, write] : changes) writes.push_back(&write);
            const auto outcomes = file->write(writes, Timestamp{});
            ASSERT_TRUE(outcomes) << outcomes.error().cause;
            for (const auto& outcome : *outcomes) ASSERT_TRUE(outcome);
            if (round % 7 == 0) ASSERT_TRUE(file->merge());
            check_searches(*reader, model, 10);
        }
        EXPECT_EQ(in_use.load(), 0xFFu) << "Every stream was to be in use.";
        check_searches(*reader, model, 300);
    }
    EXPECT_EQ(grams_in(path_), model.grams());

    auto file = SqliteStoreFile::open(path_, in_use);
    auto reader = SqliteStoreReader::open(path_, in_use);
    check_searches(*reader, model, 50);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SqliteSearchTest, ::testing::Values(1u, 2u));

}  // namespace
}  // namespace productd
