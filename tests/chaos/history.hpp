// The node's own record of what the group was given and what it committed, each with what had been done by then: how
// far the store's journal and the dead letter topic went.
#pragma once

#include <fstream>
#include <string_view>

#include "app/ports.hpp"
#include "chaos/faults.hpp"

struct sqlite3;

namespace productd::chaos {

class History {
public:
    /// Nothing is written when `path` is empty. `store` is the file whose journal is read.
    History(const std::filesystem::path& path, const std::filesystem::path& store);
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
    sqlite3* store_ = nullptr;
};

}  // namespace productd::chaos
