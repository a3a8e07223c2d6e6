// Writes lines, and asks the journal itself how far it goes. Calls SQLite.
#include "chaos/node/history.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "app/ports/message_log.hpp"
#include "codec/json_text.hpp"

namespace productd::chaos {

History::History(const std::filesystem::path& path, std::filesystem::path journal, bool is_plain)
    : journal_(std::move(journal)) {
    if (path.empty()) return;
    out_.open(path, std::ios::app);
    if (!is_plain) sqlite3_open_v2(journal_.c_str(), &store_, SQLITE_OPEN_READONLY, nullptr);
}

History::~History() { sqlite3_close(store_); }

std::int64_t History::journal_end() const {
    if (!store_) return static_cast<std::int64_t>(std::filesystem::file_size(journal_));
    sqlite3_stmt* statement = nullptr;
    std::int64_t end = -1;
    if (sqlite3_prepare_v2(store_, "SELECT coalesce(max(seq), 0) FROM chaos_journal", -1, &statement, nullptr) == 0) {
        if (sqlite3_step(statement) == SQLITE_ROW) end = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return end;
}

void History::note(std::string_view kind, const TopicPartition& source, const Commit& commit,
                   const std::vector<TopicInfo>& topics, const std::string& dead_letters) {
    std::string line = fmt::format(R"({{"kind":"{}","topic":"{}","partition":{},"offset":{},"metadata":)", kind,
                                   source.topic, source.partition, commit.offset);
    json::append_string(line, commit.metadata);
    end_line(std::move(line), topics, dead_letters);
}

void History::note_lifted(const ProductId& product, const std::vector<TopicInfo>& topics,
                          const std::string& dead_letters) {
    end_line(fmt::format(R"({{"kind":"lifted","product":"{}")", product.hex()), topics, dead_letters);
}

void History::end_line(std::string line, const std::vector<TopicInfo>& topics, const std::string& dead_letters) {
    if (!is_kept()) return;
    line += fmt::format(R"(,"journal":{},"letters":{{)", journal_end());
    const char* separator = "";
    for (const auto& topic : topics) {
        if (topic.topic != dead_letters) continue;
        for (const auto& partition : topic.partitions) {
            line += fmt::format(R"({}"{}":{})", std::exchange(separator, ","), partition.partition, partition.end);
        }
    }
    out_ << line << "}}\n" << std::flush;  // The next moment may be the last.
}

}  // namespace productd::chaos
