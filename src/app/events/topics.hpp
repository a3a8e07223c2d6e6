// The topics of the contract, a row each. Who adds one adds its name and its row: subscription, decoding, metrics,
// configuration, creation and examination follow from there, or do not compile.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/events/change_decoders.hpp"
#include "domain/decide.hpp"

namespace productd {

struct Topic;

/// What they are called; with Kafka the configuration may say otherwise.
struct TopicNames {
    std::string create = "create-product";
    std::string update = "update-product";
    std::string remove = "delete-product";
    std::string dead_letters = "dead-letter-queue";
    std::string dead_letter_states = "dead-letter-state";

    const std::string& of(ChangeKind kind) const;
    /// What the worker reads.
    std::vector<std::string> sources() const;
    /// In the order of the table.
    std::vector<std::string> all() const;
    /// Null for a topic that is none of these.
    const Topic* find(std::string_view topic) const;
    /// Nothing for a topic that the worker does not read.
    std::optional<ChangeKind> kind_of(std::string_view topic) const;
    /// Whether it has, and gets, as many partitions as are configured; a topic that is none of these has.
    bool grows(std::string_view topic) const;
};

/// What the worker reads from a topic.
struct Consumed {
    ChangeKind kind;  ///< Its name() is the label `operation` of the metrics.
    ChangeDecoder decode;
};

enum class Partitions {
    as_configured,  ///< Log.Partitions of each, or a product's topics would be with different members.
    as_made,        ///< What a key's newer message is, its offset tells: no key may change its partition.
};

enum class Kept {
    for_retention,  ///< Log.Retention and Log.BytesMax; compaction would remove events that are not applied yet.
    until_purged,   ///< Each of them; they are as large as the dead letter of any message.
    latest_of_key,  ///< Compacted, and purged besides.
};

struct Topic {
    std::string TopicNames::* name;
    std::string_view key;    ///< Of its name in the configuration's section Kafka.
    std::string_view about;  ///< What `productd config` says of that key.
    std::optional<Consumed> consumed;
    Partitions partitions;
    Kept kept;
    std::int64_t reserve = 0;  ///< Bytes it has in the embedded log beyond Log.BytesMax, by default; 0: none.
};

// clang-format off
inline constexpr std::array topic_table{
    Topic{&TopicNames::create, "CreateTopic", "The topic of creates",
          Consumed{ChangeKind::create, decode_create}, Partitions::as_configured, Kept::for_retention},
    Topic{&TopicNames::update, "UpdateTopic", "The topic of updates",
          Consumed{ChangeKind::update, decode_update}, Partitions::as_configured, Kept::for_retention},
    Topic{&TopicNames::remove, "DeleteTopic", "The topic of deletes",
          Consumed{ChangeKind::remove, decode_remove}, Partitions::as_configured, Kept::for_retention},
    Topic{&TopicNames::dead_letters, "DeadLetterTopic", "The topic of messages that can never be applied",
          std::nullopt, Partitions::as_made, Kept::until_purged, std::int64_t{256} << 20},
    Topic{&TopicNames::dead_letter_states, "DeadLetterStateTopic", "The compacted topic of what was done with them",
          std::nullopt, Partitions::as_made, Kept::latest_of_key, std::int64_t{64} << 20},
};
// clang-format on

/// The row that carries changes of `kind`.
constexpr const Topic& topic_of(ChangeKind kind) {
    return *std::ranges::find_if(topic_table,
                                 [&](const Topic& row) { return row.consumed && row.consumed->kind == kind; });
}

}  // namespace productd
