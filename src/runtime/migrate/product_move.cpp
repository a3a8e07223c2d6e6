// Pages by id. Calls the scan and the store.
#include "runtime/migrate/product_move.hpp"

#include <fmt/format.h>

#include "codec/product/product_bson.hpp"
#include "codec/sha256.hpp"

namespace productd {

namespace {

constexpr std::size_t page_max = 1'000;
constexpr std::size_t examples_max = 10;

std::vector<ProductId> ids_of(const std::vector<std::pair<ProductId, Found>>& page) {
    std::vector<ProductId> ids;
    ids.reserve(page.size());
    for (const auto& [id, found] : page) ids.push_back(id);
    return ids;
}

void add_to(Sha256& sum, const Stored& stored) {
    const auto document = encode_document(stored, Timestamp{});
    sum.add({reinterpret_cast<const char*>(bson_get_data(document.get())), document.get()->len});
}

/// What became of `moved` by changes after it.
bool is_newer(const Found& other, const Stored& moved) {
    if (!other || std::holds_alternative<Nothing>(*other) || !(*version(moved) < *version(*other))) return false;
    const auto* here = std::get_if<StoredProduct>(&moved);
    const auto* there = std::get_if<StoredProduct>(&*other);
    // Else it is another that somebody has put there.
    return here == nullptr || there == nullptr || here->product.created_at == there->product.created_at;
}

}  // namespace

Stored ProductMove::moved(Stored stored) const {
    if (settings_.fences == FencesMove::kept) return stored;
    if (auto* product = std::get_if<StoredProduct>(&stored)) product->history.fences = {};
    if (auto* tombstone = std::get_if<Tombstone>(&stored)) tombstone->history.fences = {};
    return stored;
}

void ProductMove::note(const ProductId& id, std::uint64_t& count) {
    ++count;
    if (counts_.examples.size() < examples_max) counts_.examples.push_back(id.hex());
}

Task<ProductCounts> ProductMove::run() {
    auto total = from_.count();
    if (!total) co_return fail(std::move(total).error());
    counts_ = {.total = static_cast<std::uint64_t>(*total), .examples = {}};
    for (std::optional<ProductId> after;;) {
        auto page = from_.page(after, page_max);
        if (!page) co_return fail(std::move(page).error());
        if (page->empty()) co_return counts_;
        after = page->back().first;
        if (auto done = co_await move_page(std::move(*page)); !done) co_return fail(std::move(done).error());
        told_(counts_);
    }
}

Task<> ProductMove::move_page(std::vector<std::pair<ProductId, Found>> page) {
    auto there = co_await to_.find(ids_of(page), CallContext{Deadline::max()});
    if (!there) co_return fail(std::move(there).error());
    std::vector<ProductWrite> writes;
    for (std::size_t i = 0; i < page.size(); ++i) {
        const auto& [id, found] = page[i];
        const auto& other = (*there)[i];
        if (!found) {
            note(id, counts_.unreadable);
            continue;
        }
        auto wanted = moved(*found);
        if (other && *other == wanted) {
            ++counts_.there;
        } else if (other && std::holds_alternative<Nothing>(*other)) {
            writes.push_back({std::nullopt, std::move(wanted)});
        } else if (is_newer(other, wanted)) {
            ++counts_.newer;
        } else {
            note(id, counts_.differing);
        }
    }
    counts_.moved += writes.size();
    if (settings_.dry_run || writes.empty()) co_return Result<>{};
    auto outcomes = co_await to_.write(std::move(writes), CallContext{Deadline::max()});
    if (!outcomes) co_return fail(std::move(outcomes).error());
    for (auto& outcome : *outcomes) {
        if (!outcome) co_return fail(std::move(outcome).error());
    }
    co_return Result<>{};
}

Task<std::string> ProductMove::verify() {
    Sha256 here, there;
    for (std::optional<ProductId> after;;) {
        auto page = from_.page(after, page_max);
        if (!page) co_return fail(std::move(page).error());
        if (page->empty()) break;
        after = page->back().first;
        auto others = co_await to_.find(ids_of(*page), CallContext{Deadline::max()});
        if (!others) co_return fail(std::move(others).error());
        for (std::size_t i = 0; i < page->size(); ++i) {
            const auto& [id, found] = (*page)[i];
            if (!found) continue;  // It was told of.
            const auto wanted = moved(*found);
            if (is_newer((*others)[i], wanted)) continue;
            if (!(*others)[i] || *(*others)[i] != wanted) {
                co_return fail(Errc::data_loss, fmt::format("Product {} is not the same in both stores.", id.hex()));
            }
            add_to(here, wanted);
            add_to(there, *(*others)[i]);
        }
    }
    const auto sum = here.digest();
    if (sum != there.digest()) co_return fail(Errc::data_loss, "The products are not the same in both stores.");
    co_return hex(sum);
}

}  // namespace productd
