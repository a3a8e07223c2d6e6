// Direct writes that failed and may come all the same: a store that lost a call may still do what it asked for, and
// nobody tries it again who would tell the cache.
#pragma once

#include <unordered_map>

#include "app/ports/product_cache.hpp"
#include "app/ports/product_store.hpp"

namespace productd {

struct LateWriteSettings {
    std::chrono::milliseconds pause_min{100};  ///< Before the first look; each later pause is three times as long.
    int looks = 6;                             ///< So the last is 36 s after the write, or after the store came back.
    std::chrono::milliseconds call_timeout{2'000};
    std::size_t products_max = 10'000;  ///< Beyond, the cache's own time limit has to do.
};

class LateWrites {
public:
    /// All outlive it. run() is on `executor`, which has one thread.
    LateWrites(ProductStore& store, ProductCache& cache, asio::any_io_executor executor,
               LateWriteSettings settings = {})
        : store_(store), cache_(cache), executor_(std::move(executor)), settings_(settings), changed_(executor_) {}

    /// A write of `id` has failed, and it is not known what the store makes of it. From any thread.
    void expect(ProductId id);

    /// Looks in the store for each such product again and again, and has the cache forget what is older than what is
    /// stored. A look that the store does not answer is repeated. Until stop().
    asio::awaitable<void> run();
    /// Gives up the look that runs. On the executor.
    void stop();

private:
    struct Looks {
        int done = 0;
        Deadline next;
    };

    Deadline after(int looks) const;
    Deadline next_due() const;
    std::vector<ProductId> due() const;
    void looked(const std::vector<ProductId>& ids, bool answered);
    asio::awaitable<void> look(std::vector<ProductId> ids);

    ProductStore& store_;
    ProductCache& cache_;
    asio::any_io_executor executor_;
    LateWriteSettings settings_;
    Signal changed_;
    Cutoff cutoff_;
    std::unordered_map<ProductId, Looks> expected_;
    bool stopped_ = false;
};

}  // namespace productd
