// Cuts folded text into grams for the index and for queries. Calls SQLite's tokenizer interface.
#include "outbound/sqlite/store/sqlite_search_grams.hpp"

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
        std::ranges::rotate(begins_, begins_.begin() + 1);
        begins_.back() = end_;
        known_ = at_break() ? 0 : std::min(known_ + 1, meeting_points);
        end_ = character_end(text_, end_);
    }
    /// Whether the last character parts two fields.
    bool at_break() const { return text_[begins_.back()] == folded_break; }
    std::string_view last() const { return text_.substr(begins_.back(), end_ - begins_.back()); }
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
    std::array<std::size_t, meeting_points> begins_{};  // Where the last characters begin, the newest last.
    std::size_t known_ = 0;
    std::size_t end_ = 0;
};

/// Remembers what a document has yielded of one and two characters, to spare the index most of those that come again.
/// It may forget: a gram yielded twice costs time and nothing else.
class Yielded {
public:
    void start() { ++document_; }

    bool is_new(std::string_view gram) {
        std::uint64_t key = 0;  // Two characters take eight bytes at most.
        std::memcpy(&key, gram.data(), gram.size());
        const auto hash = (key ^ gram.size()) * 0x9E3779B97F4A7C15ULL;
        auto& slot = slots_[hash >> (64 - slot_bits)];
        if (slot.document == document_ && slot.size == gram.size() && slot.key == key) return false;
        slot = {document_, gram.size(), key};
        return true;
    }

private:
    static constexpr unsigned slot_bits = 9;
    struct Slot {
        std::uint64_t document = 0;
        std::size_t size = 0;
        std::uint64_t key = 0;
    };
    std::uint64_t document_ = 0;
    std::array<Slot, 1 << slot_bits> slots_{};
};

using TokenSink = int (*)(void*, int, const char*, int, int, int);

struct Tokenizer {
    bool yields_shorts;
    Yielded yielded;
};

/// Hands grams of one document to FTS5.
class Yield {
public:
    Yield(void* context, TokenSink sink, std::string_view text) : context_(context), sink_(sink), text_(text) {}

    int operator()(std::string_view gram, int flags = 0) const {
        const char* bytes = std::to_address(gram.begin());
        const auto begin = static_cast<int>(bytes - std::to_address(text_.begin()));
        const auto size = static_cast<int>(gram.size());
        return sink_(context_, flags, bytes, size, begin, begin + size);
    }

private:
    void* context_;
    TokenSink sink_;
    std::string_view text_;
};

int yield_shorts(std::string_view text, Yielded& yielded, const Yield& yield) {
    yielded.start();
    for (Window window(text); !window.at_end();) {
        window.step();
        for (const auto gram : {window.run(1), window.run(2)}) {
            if (gram.empty() || !yielded.is_new(gram)) continue;
            if (const int code = yield(gram); code != SQLITE_OK) return code;
        }
    }
    return SQLITE_OK;
}

/// Each run takes the place behind the one before, and so does a break: no phrase goes on over it.
int yield_runs(std::string_view text, const Yield& yield) {
    for (Window window(text); !window.at_end();) {
        window.step();
        const auto run = window.at_break() ? window.last() : window.run(Window::run_points);
        if (run.empty()) continue;
        if (const int code = yield(run); code != SQLITE_OK) return code;
        const auto meeting = window.meeting();
        if (meeting.empty()) continue;
        if (const int code = yield(meeting, FTS5_TOKEN_COLOCATED); code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

int create(void*, const char** arguments, int count, Fts5Tokenizer** out) {
    if (count != 1) return SQLITE_ERROR;
    *out = reinterpret_cast<Fts5Tokenizer*>(new Tokenizer{std::string_view(arguments[0]) == "shorts", {}});
    return SQLITE_OK;
}

void destroy(Fts5Tokenizer* tokenizer) { delete reinterpret_cast<Tokenizer*>(tokenizer); }

int tokenize(Fts5Tokenizer* tokenizer, void* context, int flags, const char* data, int size, TokenSink sink) {
    if ((flags & FTS5_TOKENIZE_QUERY) != 0) return sink(context, 0, data, size, 0, size);
    const std::string_view text(data, static_cast<std::size_t>(size));
    const Yield yield(context, sink, text);
    auto& self = *reinterpret_cast<Tokenizer*>(tokenizer);
    return self.yields_shorts ? yield_shorts(text, self.yielded, yield) : yield_runs(text, yield);
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

std::size_t characters(std::string_view folded) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < folded.size(); at = character_end(folded, at)) ++count;
    return count;
}

std::vector<std::string_view> runs(std::string_view folded) {
    std::vector<std::string_view> runs;
    for (Window window(folded); !window.at_end();) {
        window.step();
        if (const auto run = window.run(Window::run_points); !run.empty()) runs.push_back(run);
    }
    return runs;
}

std::vector<std::string_view> meetings(std::string_view folded) {
    std::vector<std::string_view> meetings;
    for (Window window(folded); !window.at_end();) {
        window.step();
        if (const auto meeting = window.meeting(); !meeting.empty()) meetings.push_back(meeting);
    }
    return meetings;
}

int add_gram_tokenizer(sqlite3* connection) {
    auto* interface = fts5_interface(connection);
    if (interface == nullptr) return SQLITE_ERROR;
    fts5_tokenizer tokenizer{create, destroy, tokenize};
    return interface->xCreateTokenizer(interface, "productd_grams", nullptr, &tokenizer, nullptr);
}

}  // namespace productd
