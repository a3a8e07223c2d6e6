// The parts of the ports that need code. Calls nobody.
#include "app/ports/ports.hpp"

#include <algorithm>

namespace productd {

CachedProduct cached(const Stored& stored) {
    if (const auto* product = std::get_if<StoredProduct>(&stored)) {
        return {std::make_shared<const Product>(product->product), product->product.version};
    }
    return {nullptr, version(stored)};
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

asio::awaitable<void> ProductCache::put_all(std::vector<CacheEntry> entries) {
    for (auto& entry : entries) co_await put(entry.id, std::move(entry.product));
}

}  // namespace productd
