// Cuts folded text into grams for the index and for queries. Calls SQLite's tokenizer interface.
#include "outbound/sqlite_search_grams.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

#include "codec/text_fold.hpp"

namespace productd {

namespace {

/// Where the character at `from` ends. The domain lets in UTF-8 alone; anything else must only not run past the end.
std::size_t character_end(std::string_view text, std::size_t from) {
    const auto lead = static_cast<unsigned char>(text[from]);
    const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return std::min(from + length, text.size());
}

/// Calls `each(begin, end)` for every gram in the order of their last characters, until it returns other than 0.
template <class Each>
int each_gram(std::string_view folded, const Each& each) {
    std::array<std::size_t, gram_points_max> begins{};  // Of the last characters, the newest last.
    std::size_t known = 0;
    for (std::size_t at = 0; at < folded.size();) {
        if (folded[at] == folded_break) {
            known = 0;
            ++at;
            continue;
        }
        const auto end = character_end(folded, at);
        begins = {begins[1], begins[2], at};
        known = std::min(known + 1, gram_points_max);
        for (std::size_t points = 1; points <= known; ++points) {
            if (const int code = each(begins[gram_points_max - points], end); code != 0) return code;
        }
        at = end;
    }
    return 0;
}

/// Remembers what a document has yielded, to spare the index most of the grams that come again. It may forget: a gram
/// yielded twice costs time and nothing else.
class Yielded {
public:
    void start() { ++document_; }

    bool is_new(std::string_view gram) {
        std::array<std::uint64_t, 2> key{};
        std::memcpy(key.data(), gram.data(), std::min(gram.size(), sizeof(key)));
        const auto hash = (key[0] ^ (key[1] * 0xBF58476D1CE4E5B9ULL) ^ gram.size()) * 0x9E3779B97F4A7C15ULL;
        auto& slot = slots_[hash >> (64 - slot_bits)];
        if (slot.document == document_ && slot.size == gram.size() && slot.key == key) return false;
        slot = {document_, static_cast<std::uint32_t>(gram.size()), key};
        return true;
    }

private:
    static constexpr unsigned slot_bits = 10;
    struct Slot {
        std::uint32_t document = 0;
        std::uint32_t size = 0;
        std::array<std::uint64_t, 2> key{};
    };
    std::uint32_t document_ = 0;
    std::array<Slot, 1 << slot_bits> slots_{};
};

using TokenSink = int (*)(void*, int, const char*, int, int, int);

int create(void*, const char**, int, Fts5Tokenizer** out) {
    *out = reinterpret_cast<Fts5Tokenizer*>(new Yielded);
    return SQLITE_OK;
}

void destroy(Fts5Tokenizer* tokenizer) { delete reinterpret_cast<Yielded*>(tokenizer); }

int tokenize(Fts5Tokenizer* tokenizer, void* context, int flags, const char* data, int size, TokenSink sink) {
    if ((flags & FTS5_TOKENIZE_QUERY) != 0) return sink(context, 0, data, size, 0, size);
    auto& yielded = *reinterpret_cast<Yielded*>(tokenizer);
    yielded.start();
    const std::string_view text(data, static_cast<std::size_t>(size));
    return each_gram(text, [&](std::size_t begin, std::size_t end) {
        if (!yielded.is_new(text.substr(begin, end - begin))) return SQLITE_OK;
        return sink(context, 0, data + begin, static_cast<int>(end - begin), static_cast<int>(begin),
                    static_cast<int>(end));
    });
}

/// FTS5 gives its interface only through a pointer bound to a statement.
fts5_api* fts5_interface(sqlite3* connection) {
    fts5_api* found = nullptr;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, static_cast<void*>(&found), "fts5_api_ptr", nullptr);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return found;
}

}  // namespace

std::vector<std::string_view> query_grams(std::string_view folded) {
    std::vector<std::string_view> grams;
    std::array<std::size_t, gram_points_max> begins{};
    std::size_t points = 0;
    for (std::size_t at = 0; at < folded.size(); ++points) {
        begins = {begins[1], begins[2], at};
        at = character_end(folded, at);
        if (points + 1 >= gram_points_max) grams.push_back(folded.substr(begins[0], at - begins[0]));
    }
    if (points < gram_points_max) return {folded};
    std::ranges::sort(grams);
    grams.erase(std::ranges::unique(grams).begin(), grams.end());
    return grams;
}

int add_gram_tokenizer(sqlite3* connection) {
    auto* interface = fts5_interface(connection);
    if (interface == nullptr) return SQLITE_ERROR;
    fts5_tokenizer tokenizer{create, destroy, tokenize};
    return interface->xCreateTokenizer(interface, "productd_grams", nullptr, &tokenizer, nullptr);
}

}  // namespace productd
