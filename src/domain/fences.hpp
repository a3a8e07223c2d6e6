// What a product remembers of the log, so that a redelivered message changes nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/position.hpp"

namespace productd {

/// How far one topic-partition has changed a product: the highest offset applied to it, and the highest message time
/// read from that partition up to then, whatever became of those messages.
struct Fence {
    TopicPartition source;
    std::int64_t offset = 0;
    Timestamp read_up_to{};
    bool operator==(const Fence&) const = default;
};

/// What a fence says of a message.
enum class Seen {
    never,        ///< New: to be decided.
    redelivered,  ///< Its effect is in the product, or was passed: changes nothing.
};

class Fences {
public:
    /// A product keeps at most this many; the one with the oldest time is forgotten first.
    static constexpr std::size_t entries_max = 64;

    Fences() = default;
    explicit Fences(std::vector<Fence> entries) : entries_(std::move(entries)) {}

    /// An offset above the remembered one is new. One that is not, with a time that is not later, was seen. With a
    /// later time the topic was made anew, so the message is new.
    Seen look_up(const Position& position) const;

    /// Whether exactly this message is the last one applied from its partition: the proof of `applied`.
    bool proves(const Position& position) const;

    /// Notes that the message at `position` was applied, with the highest time read so far from its partition. While
    /// offsets rise the time remembered never falls; an offset that does not is a topic made anew, and replaces both.
    void remember(const Position& position, Timestamp read_up_to);

    const std::vector<Fence>& entries() const { return entries_; }
    bool operator==(const Fences&) const = default;

private:
    const Fence* find(const TopicPartition& source) const;

    std::vector<Fence> entries_;
};

}  // namespace productd
