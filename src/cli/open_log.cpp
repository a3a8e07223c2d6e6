// Chooses between the service's socket and the file. Calls the two adapters of the log.
#include "cli/open_log.hpp"

#include <fmt/format.h>

#include "outbound/admin/admin_message_log.hpp"
#include "runtime/data_files.hpp"
#include "runtime/engine.hpp"

namespace productd {

namespace {

/// The brokers have the log; the products may still be in the folder of a running service, or in ours.
Result<OpenLog> open_kafka(const Config& config) {
    const auto store = embedded_store(config);
    const auto has_store = store ? is_data_there(*store) : false;
    if (!has_store) return fail(has_store.error());
    auto log = open_message_log(config, OpenedBy::command);
    if (!log) return fail(std::move(log).error());
    OpenLog opened{std::nullopt, std::move(*log)};
    if (!*has_store) return opened;
    const auto files = data_files(config);
    if (service_listens(files.admin_socket)) {
        opened.of_service = std::make_unique<AdminMessageLog>(AdminLogSettings{.socket = files.admin_socket});
        return opened;
    }
    auto directory = DataDirectory::open(files.folder);
    if (!directory) return fail(std::move(directory).error());
    opened.directory.emplace(std::move(*directory));
    return opened;
}

}  // namespace

Result<OpenLog> open_log(const Config& config, MissingData missing) {
    if (log_is_kafka(config)) return open_kafka(config);
    const auto files = data_files(config);
    if (service_listens(files.admin_socket)) {
        return OpenLog{std::nullopt, std::make_unique<AdminMessageLog>(AdminLogSettings{.socket = files.admin_socket})};
    }
    const auto has_log = is_data_there(files.log);
    if (!has_log) return fail(has_log.error());
    if (missing == MissingData::refuse && !*has_log) {
        return fail(Errc::not_found,
                    fmt::format("There is no event log in {}; choose the folder with --data-dir, or start the service.",
                                files.folder.string()));
    }
    auto directory = DataDirectory::open(files.folder);
    if (!directory) return fail(std::move(directory).error());
    auto log = open_message_log(config, OpenedBy::command);
    if (!log) return fail(std::move(log).error());
    return OpenLog{std::move(*directory), std::move(*log)};
}

}  // namespace productd
