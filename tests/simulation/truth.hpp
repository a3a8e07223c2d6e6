// What really became of each message, and the judgement over it. It believes the model's store and letters, never the
// worker.
#pragma once

#include <map>
#include <set>
#include <string>

#include "app/catalog/change_applier.hpp"
#include "app/ports/message_log.hpp"

namespace productd::simulation {

using Time = std::chrono::steady_clock::time_point;

/// Limits.product_bytes_max.
inline constexpr std::size_t product_bytes_max = 64 * 1024;
/// A document that has it is refused by the store's validator.
inline constexpr std::string_view refused_description = "what a validator refuses";

/// How a product fails for ever.
enum class Broken { no, item_fails, item_unavailable, breaks_calls, hangs_calls, refused, unreadable };

/// One message, and what became of it.
struct Fact {
    Message message;
    ChangeKind kind = ChangeKind::create;
    ProductId id;
    bool is_readable = true;
    bool is_gap = false;   ///< No message: never delivered.
    bool is_gone = false;  ///< Its topic was made anew: nobody has to do it any more.
    std::uint32_t life = 0;
    Time published{};
    int effects = 0;
    bool is_settled = false;   ///< Refused by its condition, or superseded by what is no redelivery.
    bool is_lettered = false;  ///< Its letter is durable.

    bool is_ended() const { return is_gap || is_gone || effects > 0 || is_settled || is_lettered; }
};

class Truth {
public:
    std::map<TopicPartition, std::vector<Fact>> log;  ///< Of its present life; the offset is the index.
    std::map<ProductId, Stored> store;
    std::map<ProductId, Broken> broken;

    void publish(const TopicPartition& source, Fact fact);
    /// Also of an earlier life.
    Fact& at(const Position& position);
    /// The topic's partitions are empty and begin at 0. `earliest`: later than what was there, and not later than what
    /// comes.
    void make_anew(const std::string& topic, Timestamp earliest);
    std::uint32_t life(const TopicPartition& source) const;
    /// No message of its present life is older.
    Timestamp earliest(const TopicPartition& source) const;

    /// Stores `next`, which a call made of its changes of this product; these have their effect now.
    void write(const ProductId& id, const std::vector<SharedChange>& changes, Stored next);
    /// What the applier told of each change.
    void answer(const std::vector<SharedChange>& changes, const std::vector<ChangeOutcome>& outcomes);
    /// A worker condemns a message. `sees_all_creates`: it owns all of their partitions.
    void condemn(const Position& position, const std::string& code, bool sees_all_creates);
    void letter(const Position& position);
    /// A worker commits.
    void commit(const TopicPartition& source, const Commit& commit);

    std::size_t unended() const { return unended_; }
    /// Of those whose product is not broken for ever.
    std::size_t unended_sound() const { return unended_sound_; }
    std::string first_unended() const;
    const std::string& violation() const { return violation_; }
    void violate(std::string what) {
        if (violation_.empty()) violation_ = std::move(what);
    }
    Stored stored(const ProductId& id) const;

private:
    template <class Change>
    void end(Fact& fact, const Change& change);
    bool is_broken(const ProductId& id) const { return broken.contains(id); }
    void settle(const Change& change);
    void take_effect(const Change& change);
    void judge_not_found(const Fact& fact, bool sees_all_creates);
    void check_ended(const TopicPartition& source, std::int64_t begin, std::int64_t end);

    struct Life {
        std::uint32_t number = 0;
        Timestamp earliest{};
    };
    std::map<TopicPartition, Life> lives_;
    std::map<std::pair<TopicPartition, Timestamp>, std::map<std::int64_t, Fact>> gone_;
    std::map<std::tuple<TopicPartition, std::uint32_t, ProductId>, std::int64_t> last_effect_;
    std::map<TopicPartition, std::int64_t> ended_up_to_;
    std::map<ProductId, std::vector<Position>> creates_;
    std::size_t unended_ = 0;
    std::size_t unended_sound_ = 0;
    std::string violation_;
};

}  // namespace productd::simulation
