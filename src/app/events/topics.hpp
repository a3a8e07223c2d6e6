// The topics of the contract.
#pragma once

#include <string>
#include <vector>

#include "domain/decide.hpp"

namespace productd {

struct TopicNames {
    std::string create = "create-product";
    std::string update = "update-product";
    std::string remove = "delete-product";
    std::string dead_letters = "dead-letter-queue";
    std::string dead_letter_states = "dead-letter-state";

    const std::string& of(ChangeKind kind) const {
        switch (kind) {
            case ChangeKind::create: return create;
            case ChangeKind::update: return update;
            case ChangeKind::remove: return remove;
        }
        std::unreachable();
    }
    /// What the worker reads.
    std::vector<std::string> sources() const { return {create, update, remove}; }
    /// These keep the partitions they were made with: in one of them the later mark of a letter is the newer one.
    bool is_of_dead_letters(const std::string& topic) const {
        return topic == dead_letters || topic == dead_letter_states;
    }
    std::vector<std::string> all() const { return {create, update, remove, dead_letters, dead_letter_states}; }
};

}  // namespace productd
