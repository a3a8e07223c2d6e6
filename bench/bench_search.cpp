// Loads products and measures the search: bench_search [products] [folder]. The folder, default a temporary one, keeps
// the file when it is given; a file of that many products is used again. Calls the SQLite store.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cmath>
#include <ctime>
#include <random>

#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

using namespace productd;

namespace {

double clock_seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// English-looking words with the frequencies of a real text (Zipf): the first ones stand in every tenth product or
/// more.
class Vocabulary {
public:
    explicit Vocabulary(std::size_t words) {
        static const std::array first{"wireless", "portable", "stainless", "steel",   "premium", "cotton",  "black",
                                      "compact",  "leather",  "battery",   "outdoor", "kitchen", "digital", "classic",
                                      "warranty", "durable",  "quality",   "design",  "charger", "speaker"};
        static const std::array onset{"b", "c", "d", "f", "g", "h",  "l",  "m",  "n",
                                      "p", "r", "s", "t", "v", "st", "tr", "ch", "sh"};
        static const std::array vowel{"a", "e", "i", "o", "u", "ea", "ou", "y"};
        static const std::array coda{"", "", "", "n", "r", "s", "t", "l", "ng", "ck", "x", "z"};
        for (std::size_t i = 0; i < words; ++i) {
            std::string word = i < first.size() ? first[i] : "";
            const auto syllables = 1 + random_() % 4;
            for (std::size_t s = 0; word.size() < 2 || (i >= first.size() && s < syllables); ++s) {
                word += std::string(pick(onset)) + pick(vowel) + pick(coda);
            }
            words_.push_back(word);
            weights_.push_back((weights_.empty() ? 0 : weights_.back()) + 1.0 / (static_cast<double>(i) + 8));
        }
    }

    const std::string& word() {
        const auto at = std::uniform_real_distribution<>(0, weights_.back())(random_);
        return words_[static_cast<std::size_t>(std::ranges::lower_bound(weights_, at) - weights_.begin())];
    }
    std::string text(std::size_t words) {
        std::string text = word();
        for (std::size_t i = 1; i < words; ++i) text += ' ' + word();
        text[0] = static_cast<char>(std::toupper(text[0]));
        return text;
    }
    const std::string& common(std::size_t rank) const { return words_[rank]; }
    std::size_t number(std::size_t below) { return random_() % below; }

private:
    const char* pick(const auto& from) { return from[random_() % from.size()]; }

    std::mt19937_64 random_{20};
    std::vector<std::string> words_;
    std::vector<double> weights_;
};

Product made(Vocabulary& words, std::uint32_t number, std::int64_t milliseconds) {
    const Timestamp time{std::chrono::milliseconds(milliseconds)};
    const auto seconds = static_cast<std::uint32_t>(milliseconds / 1000);
    ProductId::Bytes id{};
    for (std::size_t i = 0; i < 4; ++i) {
        id[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
        id[8 + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    }
    return {.id = ProductId(id),
            .name = fmt::format("{} {}{}", words.text(3), static_cast<char>('A' + number % 26), words.number(100'000)),
            .description = words.text(12 + words.number(30)),
            .price = 9.99,
            .quantity = 5,
            .rating = 4,
            .created_at = time,
            .updated_at = time,
            .version = {1}};
}

/// Three sources in turn, each in order by itself, as partitions of a topic are.
void load(SqliteProductStore& store, Vocabulary& words, std::uint32_t products) {
    constexpr std::uint32_t call = 1'000;
    std::array<std::int64_t, 3> now{1'700'000'000'000, 1'700'000'000'000, 1'700'000'000'000};
    const auto wall = clock_seconds(CLOCK_MONOTONIC), cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    double making = 0;
    for (std::uint32_t done = 0; done < products;) {
        const auto begun = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
        std::vector<ProductWrite> writes;
        auto& time = now[done / call % now.size()];
        for (std::uint32_t i = 0; i < call && done < products; ++i, ++done) {
            time += static_cast<std::int64_t>(words.number(60));
            writes.push_back({std::nullopt, StoredProduct{made(words, done, time), {}}});
        }
        making += clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - begun;
        asio::io_context context;
        asio::co_spawn(context, store.write(std::move(writes), Deadline::max()), [](std::exception_ptr, auto outcomes) {
            if (!outcomes || !std::ranges::all_of(*outcomes, [](auto& outcome) { return outcome.has_value(); })) {
                throw std::runtime_error("a product was not stored");
            }
        });
        context.run();
    }
    const auto spent = clock_seconds(CLOCK_MONOTONIC) - wall;
    fmt::print("load: {:.0f} products/s, {:.1f} µs CPU each\n", products / (spent - making),
               (clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu - making) / products * 1e6);
}

struct Class {
    const char* name;
    std::vector<std::string> terms;
};

std::vector<Class> classes(Vocabulary& words) {
    std::vector<Class> all{{"1 character", {}},    {"2 characters", {}},   {"3 characters", {}}, {"4-5 characters", {}},
                           {"common words", {}},   {"2 common words", {}}, {"miss, 3-5", {}},    {"miss, 8-12", {}},
                           {"rare long text", {}}, {"4 common words", {}}};
    for (int i = 0; i < 300; ++i) {
        const auto text = words.text(40);
        const auto at = words.number(text.size() - 30);
        const auto random = [&](std::size_t size) {
            std::string term;
            while (term.size() < size) term += static_cast<char>('a' + words.number(26));
            return term;
        };
        const auto common = [&] { return words.common(words.number(20)); };
        all[0].terms.push_back(text.substr(at, 1));
        all[1].terms.push_back(text.substr(at, 2));
        all[2].terms.push_back(text.substr(at, 3));
        all[3].terms.push_back(text.substr(at, 4 + words.number(2)));
        all[4].terms.push_back(common());
        all[5].terms.push_back(common() + ' ' + common());
        all[6].terms.push_back("q" + random(2 + words.number(3)));
        all[7].terms.push_back(random(8 + words.number(5)));
        all[8].terms.push_back(words.text(2) + fmt::format(" {}", words.number(1'000)));
        all[9].terms.push_back(common() + ' ' + common() + ' ' + common() + ' ' + common());
    }
    return all;
}

std::string percentiles(std::vector<double> values) {
    std::ranges::sort(values);
    return fmt::format("{:8.3f} {:8.3f} {:8.3f}", values[values.size() / 2], values[values.size() * 99 / 100],
                       values.back());
}

void measure(SqliteStoreReader& reader, const std::vector<Class>& classes) {
    fmt::print("{:16} {:9} {:>26} {:>26} {:>9}\n", "first page of 10", "count max", "CPU ms p50 / p99 / max",
               "wall ms p50 / p99 / max", "found");
    for (const std::int64_t count_max : {0, 10'000}) {
        for (const auto& [name, terms] : classes) {
            std::vector<double> cpu, wall;
            std::int64_t found = 0;
            for (const auto& term : terms) {
                const auto cpu_begin = clock_seconds(CLOCK_THREAD_CPUTIME_ID),
                           wall_begin = clock_seconds(CLOCK_MONOTONIC);
                const auto page = reader.search({term, 1, 10, count_max}, std::chrono::seconds(10));
                cpu.push_back((clock_seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_begin) * 1e3);
                wall.push_back((clock_seconds(CLOCK_MONOTONIC) - wall_begin) * 1e3);
                if (!page) throw std::runtime_error(page.error().detail);
                found += count_max > 0 ? page->total_count : std::ssize(page->products);
            }
            fmt::print("{:16} {:9} {} {} {:9.1f}\n", name, count_max, percentiles(cpu), percentiles(wall),
                       static_cast<double>(found) / static_cast<double>(terms.size()));
        }
    }
}

void run(std::uint32_t products, const std::filesystem::path& folder) {
    Vocabulary words(30'000);
    const auto path = folder / "store.db";
    if (!std::filesystem::exists(path)) {
        auto store = SqliteProductStore::open({.path = path});
        if (!store) throw std::runtime_error(store.error().detail);
        load(**store, words, products);
    }
    fmt::print("file: {:.0f} bytes a product\n", static_cast<double>(std::filesystem::file_size(path)) / products);

    StreamsInUse in_use;
    const SqliteStoreSettings defaults;
    const auto opening = clock_seconds(CLOCK_MONOTONIC);
    auto file = SqliteStoreFile::open(store_file(path, defaults.writer_cache_bytes_max), in_use);
    if (!file) throw std::runtime_error(file.error().detail);
    auto reader = SqliteStoreReader::open(store_file(path, defaults.reader_cache_bytes_max), in_use);
    if (!reader) throw std::runtime_error(reader.error().detail);
    fmt::print("open: {:.2f} ms, streams in use {:#b}\n", (clock_seconds(CLOCK_MONOTONIC) - opening) * 1e3,
               in_use.load());

    const auto all = classes(words);
    fmt::print("\nas loaded\n");
    measure(*reader, all);
    double longest = 0;
    int steps = 0;
    const auto merging = clock_seconds(CLOCK_MONOTONIC);
    for (bool more = true; more; ++steps) {
        const auto begun = clock_seconds(CLOCK_MONOTONIC);
        more = file->merge().value_or(false);
        longest = std::max(longest, clock_seconds(CLOCK_MONOTONIC) - begun);
    }
    fmt::print("\nafter upkeep: {} steps in {:.1f} s, the longest {:.1f} ms\n", steps,
               clock_seconds(CLOCK_MONOTONIC) - merging, longest * 1e3);
    measure(*reader, all);
}

}  // namespace

int main(int argc, char** argv) {
    const auto products = argc > 1 ? static_cast<std::uint32_t>(std::stoul(argv[1])) : 10'000;
    const auto folder = argc > 2
                            ? std::filesystem::path(argv[2])
                            : std::filesystem::temp_directory_path() / fmt::format("bench-search-{}", ::time(nullptr));
    std::filesystem::create_directories(folder);
    run(products, folder);
    if (argc <= 2) std::filesystem::remove_all(folder);
}
