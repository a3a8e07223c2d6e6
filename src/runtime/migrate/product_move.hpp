// Products and tombstones of a file, put into another store as they are.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/ports/product_store.hpp"
#include "outbound/sqlite/store/sqlite_store_scan.hpp"

namespace productd {

/// What a product remembers of the log it was changed through.
enum class FencesMove {
    kept,     ///< The log stays: what it delivers again changes nothing.
    dropped,  ///< Another log begins: its offsets mean other messages.
};

/// How many of what there were; a run that was broken off and run again finds some there.
struct ProductCounts {
    std::uint64_t total = 0;
    std::uint64_t moved = 0;            ///< With a dry run: would be.
    std::uint64_t there = 0;            ///< The same already.
    std::uint64_t newer = 0;            ///< A later version already: a service there has changed what was moved.
    std::uint64_t differing = 0;        ///< Something else is there under the id, and was left.
    std::uint64_t unreadable = 0;       ///< Here: what is stored says nothing.
    std::vector<std::string> examples;  ///< Ids of those two, the first few.
};

class ProductMove {
public:
    struct Settings {
        FencesMove fences = FencesMove::kept;
        bool dry_run = false;
    };
    /// Heard after each page.
    using Told = std::function<void(const ProductCounts&)>;

    /// All outlive it.
    ProductMove(SqliteStoreScan& from, ProductStore& to, Settings settings, Told told)
        : from_(from), to_(to), settings_(settings), told_(std::move(told)) {}

    /// Writes what is not there. Fails where a store does; run it again then.
    Task<ProductCounts> run();
    /// Reads both once more: the SHA-256 over all that are the same, by id, as documents. Fails with data_loss where
    /// one is neither the same nor newer.
    Task<std::string> verify();

private:
    /// As it is to be stored there.
    Stored moved(Stored stored) const;
    Task<> move_page(std::vector<std::pair<ProductId, Found>> page);
    void note(const ProductId& id, std::uint64_t& count);

    SqliteStoreScan& from_;
    ProductStore& to_;
    Settings settings_;
    Told told_;
    ProductCounts counts_;
};

}  // namespace productd
