// The event log for a command: of the service that runs on the data folder, else opened here.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>

#include "app/ports/message_log.hpp"
#include "cli/checked_config.hpp"
#include "outbound/admin/admin_message_log.hpp"
#include "runtime/config/config.hpp"
#include "runtime/data_directory.hpp"

namespace productd {

struct OpenLog {
    std::optional<DataDirectory> directory;         ///< Held while we have the data ourselves.
    std::unique_ptr<MessageLog> log;                ///< With bus: kafka the brokers' own, service or not.
    std::unique_ptr<AdminMessageLog> of_service{};  ///< The way to the store of a running service, beside Kafka.

    /// Through whom a running service is asked what it has stored; null when none has the data.
    AdminMessageLog* service() const {
        return of_service ? of_service.get() : dynamic_cast<AdminMessageLog*>(log.get());
    }
};

enum class MissingData {
    make,    ///< An empty log is made.
    refuse,  ///< not_found.
};

/// Fails when this build lacks the engine, when another command has the data, and when a file is not ours.
Result<OpenLog> open_log(const Config& config, MissingData missing);

/// Opens the log for a command and does `work` with it and the configuration; what fails is reported.
template <class Work>
ExitCode with_log(const ConfigSources& sources, MissingData missing, Console& console, Work work) {
    const auto loaded = checked_config(sources, console);
    if (!loaded) return report(loaded.error(), console);
    auto opened = open_log(loaded->config, missing);
    if (!opened) return report(opened.error(), console);
    const auto done = work(*opened->log, loaded->config);
    return done ? ExitCode::success : report(done.error(), console);
}

/// Runs `task` to its end on this thread.
template <class T>
Result<T> run_to_end(Task<T> task) {
    asio::io_context context(1);
    std::optional<Result<T>> result;
    asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, Result<T> value) {
        if (error) std::rethrow_exception(error);
        result = std::move(value);
    });
    context.run();
    return std::move(*result);
}

}  // namespace productd
