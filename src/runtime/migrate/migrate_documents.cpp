// Passes over the collection. Calls MongoFirstGeneration.
#include "runtime/migrate/migrate_documents.hpp"

#include <fmt/format.h>

#include "codec/product/product_bson.hpp"
#include "codec/sha256.hpp"
#include "outbound/mongo/mongo_first_generation.hpp"
#include "runtime/engine.hpp"

namespace productd {

namespace {

constexpr std::size_t documents_page_max = 1'000;
constexpr std::size_t documents_examples_max = 10;
constexpr int passes_max = 5;

/// All that is not given here.
void add_content_to(Sha256& sum, StoredProduct stored) {
    stored.product.version = {};
    const auto document = encode_document(stored, Timestamp{});
    sum.add({reinterpret_cast<const char*>(bson_get_data(document.get())), document.get()->len});
}

struct Pass {
    MigratedDocuments counts;
    std::uint64_t left = 0;  ///< Changed between reading and writing.
};

class Documents {
public:
    Documents(MongoFirstGeneration& collection, const std::function<void(const MigratedDocuments&)>& told)
        : collection_(collection), told_(told) {}

    Result<Pass> pass(bool only_looks) {
        Pass pass;
        Sha256 sum;
        for (std::optional<ProductId> after;;) {
            auto page = collection_.page(after, documents_page_max);
            if (!page) return fail(std::move(page).error());
            if (page->empty()) break;
            after = page->back().id;
            std::vector<Product> old;
            for (auto& one : *page) note(one, pass.counts, sum, old);
            pass.counts.renewed += old.size();
            auto left = only_looks ? Result<std::int64_t>(0) : collection_.renew(old);
            if (!left) return fail(std::move(left).error());
            pass.left += static_cast<std::uint64_t>(*left);
            told_(pass.counts);
        }
        pass.counts.renewed -= pass.left;
        pass.counts.sum = hex(sum.digest());
        return pass;
    }

private:
    static void note(ScannedDocument& one, MigratedDocuments& counts, Sha256& sum, std::vector<Product>& old) {
        ++counts.total;
        if (!one.found) return leave(one, counts.unreadable);
        auto* product = std::get_if<StoredProduct>(&*one.found);
        if (product != nullptr) add_content_to(sum, *product);
        switch (one.standing) {
            case Standing::current: ++counts.current; return;
            case Standing::old: old.push_back(std::move(product->product)); return;
            case Standing::too_large: return leave(one, counts.too_large);
        }
        std::unreachable();
    }

    static void leave(const ScannedDocument& one, LeftDocuments& left) {
        ++left.count;
        if (left.examples.size() < documents_examples_max) left.examples.push_back(one.id.hex());
    }

    MongoFirstGeneration& collection_;
    const std::function<void(const MigratedDocuments&)>& told_;
};

Result<MigratedDocuments> counts_of(Result<Pass> pass) {
    if (!pass) return fail(std::move(pass).error());
    return std::move(pass->counts);
}

}  // namespace

Result<MigratedDocuments> migrate_documents(const Config& config, bool dry_run,
                                            const std::function<void(const MigratedDocuments&)>& told) {
    const auto server = mongo_server(config);
    if (!server) {
        return fail(Errc::failed_precondition,
                    "Documents of the first generation are in MongoDB: choose it with `store: mongodb`.");
    }
    auto collection = MongoFirstGeneration::open(*server);
    if (!collection) return fail(std::move(collection).error());
    Documents documents(*collection, told);
    auto pass = documents.pass(dry_run);
    if (!pass || dry_run) return counts_of(std::move(pass));
    const auto before = pass->counts.sum;
    auto renewed = pass->counts.renewed;
    auto changed = pass->left;
    for (int n = 1; n < passes_max && pass->left > 0; ++n) {
        pass = documents.pass(false);
        if (!pass) return fail(std::move(pass).error());
        renewed += pass->counts.renewed;
        changed += pass->left;
    }
    auto after = counts_of(documents.pass(true));  // As it is now, read back.
    if (!after) return after;
    after->behind = std::exchange(after->renewed, renewed);
    after->changed = changed;
    after->is_sum_as_before = after->sum == before;
    return after;
}

}  // namespace productd
