// The node's own record of what the group was given and what it committed, each with what had been done by then: how
// far the journal of the store's writes and the dead letter topic went.
#pragma once

#include <fstream>
#include <string_view>

#include "app/ports/message_log.hpp"
#include "chaos/node/faults.hpp"

struct sqlite3;

namespace productd::chaos {

class History {
public:
    /// Nothing is written when `path` is empty. `journal` is the file of the journal: a trigger's, in store.db, or the
    /// plain one of a server of MongoDB's protocol, whose places are numbers of bytes.
    History(const std::filesystem::path& path, std::filesystem::path journal, bool is_plain);
    ~History();
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    /// That the fault of one product is lifted; `topics` as the log describes them.
    void note_lifted(const ProductId& product, const std::vector<TopicInfo>& topics, const std::string& dead_letters);
    /// `kind` is `commit` or `assigned`; the offset is the physical one.
    void note(std::string_view kind, const TopicPartition& source, const Commit& commit,
              const std::vector<TopicInfo>& topics, const std::string& dead_letters);
    bool is_kept() const { return out_.is_open(); }

private:
    std::int64_t journal_end() const;
    void end_line(std::string line, const std::vector<TopicInfo>& topics, const std::string& dead_letters);

    std::ofstream out_;
    std::filesystem::path journal_;
    sqlite3* store_ = nullptr;  // None when the journal is a plain file.
};

}  // namespace productd::chaos
