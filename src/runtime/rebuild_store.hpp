// `productd rebuild`: the store's file made anew from the log.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "app/catalog/log_replay.hpp"
#include "runtime/config/config.hpp"

namespace productd {

struct RebuiltStore {
    LogReplayCounts counts;
    bool is_from_file = false;                         ///< It stands on the file that was there, not on nothing.
    std::optional<std::filesystem::path> put_aside{};  ///< Where that one is now, if it could not be read.
};

/// Applies what the log holds to a copy of the store's file, or to a new one where there is none that can be read, and
/// then puts that in its place at once: what fails before, or a kill at any moment, leaves the file that was there.
/// Fails with failed_precondition while a service has the folder, where products are not in a file, and for a file that
/// is another program's or a later version's, and while others are in the group on Kafka; with not_found without a log.
Result<RebuiltStore> rebuild_store(const Config& config, const LogReplay::Told& told);

}  // namespace productd
