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

/// Goes through a text and knows where the last characters began.
class Window {
public:
    /// Characters of a run, and of a meeting of words: a run, a space, a run.
    static constexpr std::size_t run_points = 3;
    static constexpr std::size_t meeting_points = 2 * run_points + 1;

    explicit Window(std::string_view text) : text_(text) {}

    bool at_end() const { return end_ == text_.size(); }
    void step() {
        if (text_[end_] == folded_break) {
            known_ = 0;
            ++end_;
            return;
        }
        std::ranges::rotate(begins_, begins_.begin() + 1);
        begins_.back() = end_;
        known_ = std::min(known_ + 1, meeting_points);
        end_ = character_end(text_, end_);
    }
    /// The last `points` characters; nothing when fewer stand behind the last break.
    std::string_view run(std::size_t points) const {
        if (points > known_) return {};
        const auto begin = begins_[meeting_points - points];
        return text_.substr(begin, end_ - begin);
    }
    /// The meeting of words that ends here; nothing when there is none.
    std::string_view meeting() const {
        if (known_ < meeting_points || text_[begins_[run_points]] != ' ') return {};
        return run(meeting_points);
    }

private:
    std::string_view text_;
    std::array<std::size_t, meeting_points> begins_{};  // Of the last characters, the newest last.
    std::size_t known_ = 0;
    std::size_t end_ = 0;
};

/// Remembers what a document has yielded, to spare the index most of the grams that come again. It may forget: a gram
/// yielded twice costs time and nothing else.
class Yielded {
public:
    void start() { ++document_; }

    bool is_new(std::string_view gram) {
        std::array<std::uint64_t, 2> key{};
        if (gram.size() > sizeof(key)) return true;
        std::memcpy(key.data(), gram.data(), gram.size());
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
    const auto yield = [&](std::string_view gram) {
        if (gram.empty() || !yielded.is_new(gram)) return SQLITE_OK;
        const auto begin = static_cast<int>(gram.data() - data);
        return sink(context, 0, gram.data(), static_cast<int>(gram.size()), begin,
                    begin + static_cast<int>(gram.size()));
    };
    for (Window window(text); !window.at_end();) {
        window.step();
        for (std::size_t points = 1; points <= Window::run_points; ++points) {
            if (const int code = yield(window.run(points)); code != SQLITE_OK) return code;
        }
        if (const int code = yield(window.meeting()); code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
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
    std::vector<std::string_view> runs, meetings;
    for (Window window(folded); !window.at_end();) {
        window.step();
        if (const auto run = window.run(Window::run_points); !run.empty()) runs.push_back(run);
        if (const auto meeting = window.meeting(); !meeting.empty()) meetings.push_back(meeting);
    }
    if (runs.empty()) return {folded};
    for (auto* grams : {&meetings, &runs}) {
        std::ranges::sort(*grams);
        grams->erase(std::ranges::unique(*grams).begin(), grams->end());
    }
    meetings.insert(meetings.end(), runs.begin(), runs.end());
    return meetings;
}

int add_gram_tokenizer(sqlite3* connection) {
    auto* interface = fts5_interface(connection);
    if (interface == nullptr) return SQLITE_ERROR;
    fts5_tokenizer tokenizer{create, destroy, tokenize};
    return interface->xCreateTokenizer(interface, "productd_grams", nullptr, &tokenizer, nullptr);
}

}  // namespace productd
