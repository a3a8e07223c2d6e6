// Writes lines, and asks the journal itself how far it goes.
#include "chaos/node/history.hpp"

#include <fmt/format.h>

#include "app/ports/message_log.hpp"
#include "codec/json/json_text.hpp"

namespace productd::chaos {

History::History(const std::filesystem::path& path, JournalEnd journal_end) : journal_end_(std::move(journal_end)) {
    if (!path.empty()) out_.open(path, std::ios::app);
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
    line += fmt::format(R"(,"journal":{},"letters":{{)", journal_end_());
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
