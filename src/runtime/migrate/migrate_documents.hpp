// `productd migrate --first-generation`: the documents of the older service, where they are.
#pragma once

#include <functional>

#include "runtime/config/config.hpp"

namespace productd {

struct LeftDocuments {
    std::uint64_t count = 0;
    std::vector<std::string> examples{};  ///< Ids of the first few.
};

struct MigratedDocuments {
    std::uint64_t total = 0;    ///< Documents with the id of a product.
    std::uint64_t renewed = 0;  ///< Given a version, or the next one, and their folded text. With a dry run: would be.
    std::uint64_t current = 0;  ///< Had both.
    std::uint64_t changed = 0;  ///< Were changed between reading and writing, and left for another pass.
    std::uint64_t behind = 0;   ///< Lack it at the end, since others changed them: run it again.
    LeftDocuments unreadable;   ///< Are no products: they lack what each has, or have it in another form.
    LeftDocuments too_large;    ///< Have no room for folded text beside their own; both services read them.
    std::string sum;            ///< SHA-256 over all products, by id, without what was given.
    bool is_sum_as_before = true;  ///< Else others changed products meanwhile.
};

/// Goes through the configured collection and gives each document that has none a version, and the next one to each
/// whose folded text is of another name or description. Both services may run meanwhile. May be broken off and run
/// again. Nothing but version and folded text is touched: a sum over the rest is taken before and after; where others
/// change products meanwhile the two may differ, and it says so. With `dry_run` it writes nothing. Fails with
/// failed_precondition where the store is no MongoDB, and where the server does.
Result<MigratedDocuments> migrate_documents(const Config& config, bool dry_run,
                                            const std::function<void(const MigratedDocuments&)>& told);

}  // namespace productd
