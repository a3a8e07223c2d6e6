// What every log does alike: the size of a message, the bounds of a commit's metadata, and several commits where it has
// no request for that.
#include "app/ports/message_log.hpp"

#include <algorithm>

namespace productd {

std::size_t wire_bytes(const Message& message) {
    const auto key = message.key ? message.key->size() : 0;
    const auto value = message.value ? message.value->size() : 0;
    return wire_bytes_of_any + key + value + message.headers.bytes();
}

Result<> check_metadata(const Commit& commit) {
    constexpr std::size_t metadata_bytes_max = 4'096;
    if (commit.metadata.size() > metadata_bytes_max) {
        return fail(invalid("A commit's metadata has at most " + std::to_string(metadata_bytes_max) + " bytes."));
    }
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (!std::ranges::all_of(commit.metadata, is_ascii)) return fail(invalid("A commit's metadata is ASCII."));
    return {};
}

Task<std::vector<Result<>>> Subscription::commit_all(std::vector<std::pair<TopicPartition, Commit>> commits) {
    std::vector<Result<>> results;
    results.reserve(commits.size());
    for (auto& [source, commit] : commits) {
        auto committed = co_await this->commit(std::move(source), std::move(commit));
        results.push_back(std::move(committed));
    }
    co_return results;
}

}  // namespace productd
