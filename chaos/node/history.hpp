// The node's own record of what the group was given and what it committed, each with what had been done by then: how
// far the journal of the store's writes and the dead letter topic went.
#pragma once

#include <fstream>
#include <string_view>

#include "app/ports/message_log.hpp"
#include "chaos/node/faults.hpp"
#include "chaos/node/journal.hpp"

namespace productd::chaos {

class History {
public:
    /// Nothing is written when `path` is empty.
    History(const std::filesystem::path& path, JournalEnd journal_end);

    /// That the fault of one product is lifted; `topics` as the log describes them.
    void note_lifted(const ProductId& product, const std::vector<TopicInfo>& topics, const std::string& dead_letters);
    /// `kind` is `commit` or `assigned`; the offset is the physical one.
    void note(std::string_view kind, const TopicPartition& source, const Commit& commit,
              const std::vector<TopicInfo>& topics, const std::string& dead_letters);
    bool is_kept() const { return out_.is_open(); }

private:
    void end_line(std::string line, const std::vector<TopicInfo>& topics, const std::string& dead_letters);

    std::ofstream out_;
    JournalEnd journal_end_;
};

}  // namespace productd::chaos
