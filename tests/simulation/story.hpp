// What happened in a simulation: a hash over all of it, and the last of it as text where somebody wants to read it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace productd::simulation {

class Story {
public:
    /// `told_max`: events kept as text.
    explicit Story(std::size_t told_max) : told_max_(told_max) {}

    /// `tell` makes the text, and is called only where it is kept.
    template <class Tell>
    void note(std::chrono::steady_clock::duration at, std::uint64_t what, Tell&& tell) {
        mix(static_cast<std::uint64_t>(at.count()));
        mix(what);
        if (told_max_ == 0) return;
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(at).count();
        told_.push_back(std::to_string(us / 1'000) + '.' + std::to_string(1'000 + us % 1'000).substr(1) + "  " +
                        std::forward<Tell>(tell)());
        if (told_.size() > told_max_) told_.pop_front();
    }
    std::uint64_t hash() const { return hash_; }
    std::string text() const {
        std::string text;
        for (const auto& line : told_) text += line + '\n';
        return text;
    }

private:
    /// FNV-1a, by words.
    void mix(std::uint64_t word) { hash_ = (hash_ ^ word) * 0x100000001B3ULL; }

    std::size_t told_max_;
    std::uint64_t hash_ = 0xCBF29CE484222325ULL;
    std::deque<std::string> told_;
};

}  // namespace productd::simulation
