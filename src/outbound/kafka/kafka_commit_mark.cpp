// The mark's text, and the rule of what a commit rests on. Calls sha256, and librdkafka's lists.
#include "outbound/kafka/kafka_commit_mark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdlib>

#include "codec/sha256.hpp"

namespace productd {

namespace {

constexpr std::size_t number_digits = 16;
constexpr std::size_t checksum_digits = 8;
constexpr std::size_t mark_bytes = 1 + 2 * number_digits + checksum_digits;
constexpr std::size_t kafka_bytes_max = 4'096;

/// No file's: theirs are drawn at random from 2^64.
constexpr StoreMark of_a_server{};

std::string text_of(std::int64_t offset, const StoreMark& mark) {
    const auto text = fmt::format("@{:016x}{:016x}", std::bit_cast<std::uint64_t>(mark.incarnation),
                                  std::bit_cast<std::uint64_t>(mark.changes));
    return text + hex(sha256(fmt::format("{};{}", offset, text))).substr(0, checksum_digits);
}

std::int64_t number_at(std::string_view text, std::size_t place) {
    const auto digits = text.substr(place, number_digits);
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return std::bit_cast<std::int64_t>(value);
}

}  // namespace

Commit with_mark(MarkedCommit marked) {
    auto& [commit, store] = marked;
    if (store && commit.metadata.size() + mark_bytes <= kafka_bytes_max) {
        commit.metadata += text_of(commit.offset, *store);
    }
    return std::move(commit);
}

MarkedCommit marked_commit(Commit commit) {
    auto& metadata = commit.metadata;
    if (metadata.size() < mark_bytes) return {std::move(commit), std::nullopt};
    const auto text = metadata.substr(metadata.size() - mark_bytes);
    const StoreMark mark{number_at(text, 1), number_at(text, 1 + number_digits)};
    if (text != text_of(commit.offset, mark)) return {std::move(commit), std::nullopt};
    metadata.resize(metadata.size() - mark_bytes);
    return {std::move(commit), mark};
}

Commit commit_in(const rd_kafka_topic_partition_t& told) {
    return {told.offset, std::string(static_cast<const char*>(told.metadata), told.metadata_size)};
}

void add_commit(rd_kafka_topic_partition_list_t* list, const TopicPartition& source, const Commit& commit) {
    auto& element = *rd_kafka_topic_partition_list_add(list, source.topic.c_str(), source.partition);
    const auto& metadata = commit.metadata;
    element.offset = commit.offset;
    element.metadata_size = metadata.size();
    // Freed with the list, as librdkafka frees its own.
    element.metadata = std::malloc(metadata.size() + 1);  // NOLINT(cppcoreguidelines-no-malloc)
    std::ranges::copy(metadata, static_cast<char*>(element.metadata));
}

void KafkaCommitMark::rest_on(std::function<StoreMark()> now) {
    const std::scoped_lock lock(mutex_);
    now_ = std::move(now);
}

std::optional<StoreMark> KafkaCommitMark::behind(const std::optional<StoreMark>& before) const {
    const std::scoped_lock lock(mutex_);
    if (!now_) return before ? std::optional(of_a_server) : std::nullopt;
    const auto now = now_();
    return before && !now.has(*before) ? before : std::optional(now);
}

}  // namespace productd
